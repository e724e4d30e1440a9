"""`tests/api/test_accounts.py` through the balancer."""

import pytest

from tests.api.test_accounts import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
