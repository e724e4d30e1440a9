"""The commands that run the server and the worker."""
