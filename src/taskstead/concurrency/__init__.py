"""Cooperative scheduling in the event loop, so that no request delays the others.

``cooperative.py`` yields in long loops, ``pacing.py`` limits how many requests start at once, and
``fair_queue.py`` is round-robin between keys.
"""
