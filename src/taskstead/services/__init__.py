"""Use cases that write: one function and one transaction each.

A change to a workspace is one batch in its change log.
"""
