"""Lists go out as files, and an edited one comes home."""
