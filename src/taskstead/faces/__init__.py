"""Interfaces of the server. They do not import each other."""
