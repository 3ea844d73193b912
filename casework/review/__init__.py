"""Reviews of results, second signatures, call-backs, and samples of what was closed."""
