"""Tests of the database engines, below the application, each against the real thing."""
