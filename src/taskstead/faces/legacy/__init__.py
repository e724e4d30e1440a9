"""The deprecated to-do APIs, translated to the current task services."""
