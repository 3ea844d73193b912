"""The case: a difficulty of an enterprise, moved through one workflow by the people who answer for it."""
