"""Ways into the server. They do not import each other.

A face parses a request, calls a use case in ``services/``, and renders the result. ``app.py``
combines the faces.
"""
