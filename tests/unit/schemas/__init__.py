"""Field types and models."""
