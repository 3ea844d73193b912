"""Spreadsheets in and out: reading what officers have, writing what they ask for."""
