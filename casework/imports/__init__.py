"""A ledger from elsewhere comes in: looked at, mapped, tried, carried out, taken back."""
