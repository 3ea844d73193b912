"""People who sign in: passwords, sessions that can be ended, and tokens for machines."""
