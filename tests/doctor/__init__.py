"""``taskstead doctor``: each check sees what it is for."""
