"""What the tests of HipChat share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.chat.hipchat.installations import Installs
from chalicelib.core import effects as say
from chalicelib.wiring import hipchat
from tests.chat.hipchat.test_contract import HipChatStand
from tests.contracts.chat_stage import PORTS, Hall, Street, hall_of
from tests.fakes import MONDAY, FakeClock

CALL = say.Called("", PORTS[0], 7, timedelta(minutes=15), MONDAY)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stand(street: Street, clock: FakeClock, tmp_path: Path) -> HipChatStand:
    return HipChatStand(street, clock, tmp_path)


@pytest.fixture
def hall(stand: HipChatStand, clock: FakeClock) -> Hall:
    return hall_of(stand, clock)


def installs(stand: HipChatStand) -> Installs:
    return hipchat.installs_of(stand.settings)


def knock(stand: HipChatStand, event: object, **claims: object) -> int:
    """One webhook of Ana's; the status."""
    return int(stand.server.knock(json.dumps(event).encode(), stand.server.token("ana", **claims)).status)  # fmt: skip


def watch(
    stand: HipChatStand, status: int = 404, body: bytes = b"", *headers: tuple[str, str]
) -> list[str]:
    """A server that only says this; the paths that were asked for."""
    called: list[str] = []

    def api(environ: Any, start: Callable[..., Any]) -> list[bytes]:
        called.append(environ["PATH_INFO"])
        start(f"{status} Whatever", [("Content-Type", "application/json"), *headers])
        return [body]

    stand.street.handlers["api"] = api
    return called
