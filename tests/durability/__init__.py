"""Durability: servers are killed while clients write, and no acknowledged write is lost."""
