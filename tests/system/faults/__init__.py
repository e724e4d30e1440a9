"""Faults of databases, disks, networks and clocks under load."""
