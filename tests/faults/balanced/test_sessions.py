"""`tests/api/test_sessions.py` through the balancer."""

import pytest

from tests.api.test_sessions import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
