"""Supervision: the ladder of reminders before and after a due time, and urging."""
