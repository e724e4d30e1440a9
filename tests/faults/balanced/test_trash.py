"""`tests/api/test_trash.py` through the balancer."""

import pytest

from tests.api.test_trash import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
