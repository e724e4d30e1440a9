"""`tests/api/test_requests.py` through the balancer."""

import pytest

from tests.api.test_requests import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
