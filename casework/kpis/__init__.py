"""How the work goes: figures with their rows, the paths that cases take, and what is left out and why."""
