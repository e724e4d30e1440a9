"""REST API over HTTP: tasks, labels, workspaces, accounts, authorisation and request validation."""
