"""The helpers of the Makefile."""
