"""`tests/conditions/test_conditions.py` through the balancer."""

import pytest

from tests.conditions.test_conditions import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
