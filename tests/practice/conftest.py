"""The practice Slack before an app that says what a test lets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice_world import FakeApp, World, practice_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with practice_world(tmp_path, FakeApp()) as world:
        yield world
