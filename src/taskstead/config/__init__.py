"""Settings: their definitions, validation and loading from the environment."""
