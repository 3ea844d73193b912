"""Where a case goes: rules as data, the enterprise's own officer first, and an explanation for each decision."""
