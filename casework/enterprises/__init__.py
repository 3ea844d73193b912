"""Firms, the people to call there, and the officer who answers for each."""
