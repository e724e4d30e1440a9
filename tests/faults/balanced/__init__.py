"""API tests of other folders, run unchanged against two servers behind a balancer.

Each module imports the tests of another. Tests that access the server's process are deselected.
"""
