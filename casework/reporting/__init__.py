"""Reads across packages: my desk. Nothing here changes anything."""
