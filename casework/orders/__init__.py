"""Supervision orders: an authority orders in writing, a unit reports, the authority checks and writes off."""
