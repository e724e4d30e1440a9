"""`tests/sync/test_changes.py` through the balancer."""

import pytest

from tests.sync.test_changes import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
