"""Paths of programs that tests run."""

import sys
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("taskstead"))
