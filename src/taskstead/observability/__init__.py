"""Logs, metrics and traces of the server, independent of the task model."""
