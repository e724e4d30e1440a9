"""Servers are killed: no acknowledged write is lost, and none is done twice."""
