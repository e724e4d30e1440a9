"""The settings: definitions, validation, and loading from the environment and files."""
