"""The checks of ``taskstead doctor``."""
