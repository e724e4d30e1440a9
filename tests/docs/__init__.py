"""Tests of the documentation: its commands, links and generated pages."""
