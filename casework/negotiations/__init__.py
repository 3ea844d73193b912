"""The negotiation log: who was visited, what was asked and offered, promised and agreed, and whether it arrived."""
