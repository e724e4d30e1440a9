"""Wire shapes: what requests may say and what answers look like. No database, no HTTP."""
