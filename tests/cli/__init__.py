"""Command line: output, exit codes and the behaviour of server processes."""
