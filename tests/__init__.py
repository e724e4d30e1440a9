"""The test suite. What only one kind of test needs lives in that kind's folder."""
