"""The API over HTTP: what users and programs can rely on."""
