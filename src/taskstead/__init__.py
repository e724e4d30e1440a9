"""Taskstead: a self-hosted task server. The version lives here and nothing else."""

__version__ = "0.1.0"
