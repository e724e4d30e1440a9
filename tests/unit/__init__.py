"""Unit tests of pure code, in the folders of the source: no server, no database, no network."""
