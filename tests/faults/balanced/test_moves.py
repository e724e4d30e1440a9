"""`tests/api/test_moves.py` through the balancer."""

import pytest

from tests.api.test_moves import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
