"""Pydantic models of requests and responses, and their field types.

Responses are encoded directly from rows by ``formats/json/``. Tests check that they match the
models.
"""
