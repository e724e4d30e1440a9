"""Alembic's migrations, in order of their four-digit numbers. How they run: ``db/migrate.py``.

Make a new one by hand or with ``alembic revision --autogenerate``, name it ``NNNN_what_it_does``,
and give its revision the same number. A migration is never changed once released.
"""
