"""Supplies: what units have in stock, what cases ask for, and what is short."""
