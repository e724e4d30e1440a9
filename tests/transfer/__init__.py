"""Tasks as files: out, in, and nothing changed on the way."""
