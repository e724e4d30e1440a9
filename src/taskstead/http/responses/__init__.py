"""Building of responses: JSON, problem documents, entity tags, pages and event streams."""
