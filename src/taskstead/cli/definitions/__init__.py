"""The commands and options of ``taskstead``, with Typer. The implementations load when they run."""
