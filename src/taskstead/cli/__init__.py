"""The command line ``taskstead``, for operators of the server."""
