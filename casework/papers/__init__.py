"""Documents set from cases: slips, agreements, allocations, posters, orders."""
