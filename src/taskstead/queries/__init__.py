"""Every SELECT. ``workspace_id`` comes first in each; ``get_`` raises, ``find_`` gives None."""
