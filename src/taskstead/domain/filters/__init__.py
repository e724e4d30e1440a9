"""The filter language: text such as ``overdue or (today #Work)``, parsed into a tree of conditions.

``parser.py`` parses the text. The tree may contain relative times such as "today".
``resolution.py`` replaces them by dates, for a current time and a time zone. ``queries/tasks/``
compiles the resolved tree to SQL. The functions have no state, so the tree of a text can be cached.

Positions count Unicode code points, from 0, and the end is excluded.
"""
