"""What keeps a server on the internet well: limits, headers, compression."""
