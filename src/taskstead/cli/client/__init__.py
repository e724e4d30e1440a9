"""The commands for people, which use the REST API. ``cli/definitions`` has their options."""
