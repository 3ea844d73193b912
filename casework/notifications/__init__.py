"""Notices: an inbox row and outbox rows in the transaction of the change; a job sends what is to leave the house."""
