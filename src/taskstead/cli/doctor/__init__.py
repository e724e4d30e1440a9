"""The command ``taskstead doctor``: checks an installation and suggests fixes.

Each check is a function that returns findings. ``command.py`` runs them and prints the report; the
other modules contain the checks by topic. Checks change nothing. The option ``--repair`` rebuilds
the search index.
"""
