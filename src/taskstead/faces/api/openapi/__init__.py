"""The OpenAPI document: generated from the routes, and served by ``document.py``."""
