"""Tests of the helpers of the Makefile."""
