"""`tests/api/test_tasks.py` through the balancer."""

import pytest

from tests.api.test_tasks import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
