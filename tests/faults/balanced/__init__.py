"""Tests of the API once more, unchanged, against two servers behind a balancer.

Each module here takes the tests of another; those that look into the server are left out.
"""
