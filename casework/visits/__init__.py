"""Visits to firms 走访: how often, whose turn it is, the route of a day, what was agreed for a day and time."""
