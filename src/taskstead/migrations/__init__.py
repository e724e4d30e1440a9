"""Schema migrations (Alembic), in the order of their four-digit numbers.

``db/migrate.py`` runs them. Create a migration by hand or with ``alembic revision --autogenerate``.
Name it ``NNNN_what_it_does`` and use the number as its revision. The code of a released migration
must not change.
"""
