"""Client of the REST API for the command line: profiles, HTTP and output. It imports no server."""
