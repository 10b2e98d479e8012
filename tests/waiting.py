"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event as Flag

import pytest


def within(seconds: float, is_so: Callable[[], object]) -> float:
    """Wait until it is so; the seconds that took. Fails the test after `seconds`."""
    began = time.monotonic()
    pause = Flag()
    while not is_so():
        if time.monotonic() - began > seconds:
            pytest.fail(f"not within {seconds:g} s")
        pause.wait(0.005)
    return time.monotonic() - began
