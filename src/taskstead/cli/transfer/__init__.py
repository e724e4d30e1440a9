"""The commands ``backup``, ``restore``, ``import`` and ``export``. They need no running server."""
