"""Temporary-process templates: their definition, what is wrong with one, and where a run of one stands."""
