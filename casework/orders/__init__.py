"""Supervision orders: an authority orders in writing, a unit receives and reports, the authority checks and writes off."""
