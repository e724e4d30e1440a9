"""`tests/api/test_predecessors.py` through the balancer."""

import pytest

from tests.api.test_predecessors import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
