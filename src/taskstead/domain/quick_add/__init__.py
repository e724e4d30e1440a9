"""Quick add: reads a task from one line of text, such as ``Call Sam tomorrow at 9 #Home p1``.

``parser.py`` is the entry point. The words of a language are data (``words/*.json``). The parser
uses loops, tables and plain regular expressions only, because the web app has a port in TypeScript.
"""
