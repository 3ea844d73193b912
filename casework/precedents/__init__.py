"""Similar cases that were closed: how they were solved, on what terms, how long it took and by which template."""
