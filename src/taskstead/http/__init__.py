"""HTTP support that all faces share.

``middleware/`` wraps all requests, ``requests/`` parses them, and ``responses/`` builds responses.
The other modules are the state of the application, its limits, and file downloads.
"""
