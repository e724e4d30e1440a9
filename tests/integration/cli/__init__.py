"""Commands, and servers started by commands."""
