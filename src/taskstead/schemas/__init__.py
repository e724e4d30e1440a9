"""Schemas of requests and responses, and file formats.

The modules use neither the database nor HTTP. A ``render_…`` function converts a database row to
the JSON data of a response.
"""
