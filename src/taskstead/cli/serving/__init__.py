"""The commands ``taskstead serve`` and ``taskstead worker``.

``workers.py`` starts several processes that share a socket. ``protocol.py`` is between the socket
and uvicorn, and limits slow clients.
"""
