"""`tests/api/test_workspaces.py` through the balancer."""

import pytest

from tests.api.test_workspaces import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
