"""Spreadsheets as officers have them: found, read, told apart, written."""
