"""ASGI middleware. ``app.py`` adds it to the application and defines the order."""
