"""All SELECT statements. Every query for workspace data is limited to one ``workspace_id``.

A ``get_`` function raises an error if there is no row. A ``find_`` function returns None.

Terms: A live entity is one that is not in the trash. The principal is the user that a request acts
for, with the workspace and role (``domain/principal.py``). A batch is the set of changes of one
transaction. A long read (``is_long=True``) may take more than a millisecond; on SQLite it runs in a
thread.
"""
