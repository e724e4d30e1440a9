"""The job queue, the worker and housekeeping."""
