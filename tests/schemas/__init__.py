"""The wire shapes and what they are made of, without a server."""
