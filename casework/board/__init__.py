"""The board of the command room: a place in figures, each with the address of its rows. Nothing here writes."""
