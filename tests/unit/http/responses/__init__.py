"""Responses: errors and negotiation."""
