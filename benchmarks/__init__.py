"""Benchmark that compares Taskstead with a baseline server under load.

Run it with `python -m benchmarks`. It is not part of the server and not in the wheel.
"""
