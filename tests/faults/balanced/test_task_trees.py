"""`tests/api/test_task_trees.py` through the balancer."""

import pytest

from tests.api.test_task_trees import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
