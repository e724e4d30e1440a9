"""``taskstead doctor``: looks for what is wrong with an installation, and says how to mend it.

Each check is a function that gives findings. They are in modules by what they look at;
``command.py`` calls them and prints. They change nothing; the repair of the search index does.
"""
