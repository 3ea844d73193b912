"""What every domain package stands on; no word of the domain in it."""
