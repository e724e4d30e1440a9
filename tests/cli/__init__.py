"""The commands: what they print, what they end with, and how the server processes behave."""
