"""Routes of the API documentation, health checks and jobs."""
