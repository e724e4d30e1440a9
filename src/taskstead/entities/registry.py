"""The list of all logged entities."""

from typing import Any

from taskstead.entities.entity import Entity
from taskstead.entities.labels import CATEGORY, TAG
from taskstead.entities.occurrences import OCCURRENCE
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.entities.tasks import TASK

# Entities come before those that refer to them.
ENTITIES: tuple[Entity[Any], ...] = (CATEGORY, TAG, TASK, OCCURRENCE, SAVED_FILTER)
