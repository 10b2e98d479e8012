"""Healthy stand-ins, for every test of the check-up that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.doctor.kit import (
    Clinic,
    clinic,
)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Clinic]:
    with clinic(tmp_path) as here:
        yield here
