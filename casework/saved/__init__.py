"""Saved views of lists, whichever list: a name for a filter, shared as far as one may, told of in the morning."""
