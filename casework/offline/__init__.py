"""Without signal: the shell that opens all the same, what waits to be sent, and the token to send it with."""
