"""Tests of listing tasks: filters, order, pages, search."""
