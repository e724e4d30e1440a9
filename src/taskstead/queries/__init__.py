"""All SELECT statements. Data is always read with its ``workspace_id``.

A ``get_`` function raises an error if there is no row; a ``find_`` function returns None.
"""
