"""Common issues: many cases that one obstacle holds up, kept together, moved together, and let go one by one."""
