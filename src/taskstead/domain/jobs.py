"""States of background jobs."""

from typing import Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
