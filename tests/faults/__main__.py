"""Writes docs/diagnosis.md on standard output."""

from __future__ import annotations

import sys

from tests.faults.page import page

sys.stdout.buffer.write(page().encode())
