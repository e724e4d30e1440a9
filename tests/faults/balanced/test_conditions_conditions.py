"""`tests/conditions/test_conditions.py` through the balancer."""

import pytest

from tests.conditions.test_conditions import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
