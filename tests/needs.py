"""What some tests need on the machine: without it they are skipped; CI must have it."""

from __future__ import annotations

import os

import pytest


def need(what: str, *, is_there: bool) -> None:
    """`what` are Debian's packages."""
    if is_there:
        return
    missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    missing(f"needs {what}; on Debian: apt-get install {what}")
