"""Replicas catch up, and listeners hear of every change."""
