"""What stands in somebody's days 日程: one list for weeks and the private calendar, and putting things elsewhere."""
