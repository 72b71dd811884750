"""The evaluation that an office presents: what came in a period, through which doors, what about, and what became of it.

In: a store's cases of a period, without what they say. Out: one `Report`, and from it a page's tables, CSV, a workbook and a PDF. It shows
counts alone, and of what could betray somebody no count so small that it would.
"""
