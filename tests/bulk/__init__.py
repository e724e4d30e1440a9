"""Many tasks at once: operations in one request, background processing, export and import."""
