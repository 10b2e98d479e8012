"""AWS over HTTP for tests: one ministack server a test session, and a table a test.

Every test may ask for it: `tests/conftest.py` knows it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from practice import ministack as aws_stand_in
from practice.ministack import AWS

SERVICES = "dynamodb,s3,ssm,secretsmanager"


def invent_credentials(patch: pytest.MonkeyPatch) -> None:
    """So that nothing real is ever asked."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in AWS.items():
        patch.setenv(name, value)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented credentials."""
    invent_credentials(monkeypatch)


@pytest.fixture(scope="session")
def ministack() -> Iterator[str]:
    """The address of a running server; it and its folder are gone with the session."""
    with aws_stand_in.ministack(SERVICES) as address:
        yield address
