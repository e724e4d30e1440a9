"""Taskstead, a self-hosted task server. This module holds only the version."""

__version__ = "0.1.0"
