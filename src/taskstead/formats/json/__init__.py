"""JSON representation of rows, shared by the API, live events and account exports.

A function returns the data of one row. Its docstring names the model in ``schemas/`` that describes
the data.
"""
