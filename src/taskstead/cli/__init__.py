"""The command line: a face for whoever runs the server. It calls services and says what became."""
