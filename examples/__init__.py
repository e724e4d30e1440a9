"""Programs that use the API, each complete in one file. The tests run them."""
