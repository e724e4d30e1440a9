"""Real servers for the tests, started from PyPI wheels. There are no stand-ins or mocks."""
