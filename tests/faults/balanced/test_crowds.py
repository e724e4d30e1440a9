"""`tests/api/test_crowds.py` through the balancer."""

import pytest

from tests.api.test_crowds import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
