"""Real servers for the tests, started from PyPI wheels. No stand-ins and no mocks live here."""
