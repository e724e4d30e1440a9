"""Development scripts used by the Makefile. They are not part of the server."""
