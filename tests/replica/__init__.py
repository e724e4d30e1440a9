"""Reads from a streaming replica: read-your-writes whatever the replication lag."""
