"""Clocks: working calendars and their arithmetic, and the deadlines of a case. Knows no case type."""
