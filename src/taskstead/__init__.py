"""Taskstead, a self-hosted task server. This module contains only the version."""

__version__ = "0.1.0"
