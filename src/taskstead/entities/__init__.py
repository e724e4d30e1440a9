"""Descriptions of the logged entities: tasks, labels, occurrences and filters.

``entity.py`` defines ``Entity``, and ``registry.py`` lists all entities. The writer
(``services/entity_writer.py``), undo, sync and the purge of the trash work on any entity. A new
kind of entity is a table, a description and a line in the registry.
"""
