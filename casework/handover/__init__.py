"""When somebody leaves: what they hold goes to successors who accept it, and nothing is ownerless meanwhile."""
