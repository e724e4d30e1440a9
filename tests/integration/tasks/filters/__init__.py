"""The filter language: the parameter `filter`, agreement with an oracle, and query plans."""
