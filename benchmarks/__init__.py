"""Load measurements of Taskstead beside a baseline server.

Run by `python -m benchmarks`. Nothing here is imported by the application or shipped in the wheel.
"""
