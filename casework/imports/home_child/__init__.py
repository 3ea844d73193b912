"""Writes rows that stay out back into the workbook they came from, in a process of its own, under limits.

It imports nothing of the rest but lxml. The new workbook is built from a list of what may be in it: cells as values,
styles, widths, merges. What is not in that list (formulas, other sheets, macros, links, pictures, comments, names) is
never copied.
"""
