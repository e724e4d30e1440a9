"""Example programs that use the API, each in one file. The test suite runs them."""
