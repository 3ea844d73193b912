"""The front door: the portal where anybody reports a difficulty, and what the desk needs to take it in."""
