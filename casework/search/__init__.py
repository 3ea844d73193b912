"""One box for everything: results, suggestions, the palette, the keys."""
