"""The command ``taskstead doctor``: checks an installation and suggests fixes.

Each check is a function that returns findings: a result, its severity and a suggested fix.
``command.py`` runs the checks and prints the report. The other modules contain the checks by topic.
Checks change nothing. Only the option ``--repair`` does: it rebuilds the search index.
"""
