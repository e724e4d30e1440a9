"""Database engines without the application, on real SQLite files and PostgreSQL servers."""
