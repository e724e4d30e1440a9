"""`tests/sync/test_changes.py` through the balancer."""

import pytest

from tests.sync.test_changes import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
