"""A car park behind the door, and no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.tokens import OneToken
from chalicelib.chat.slack.webhook import Reply, SlackWebhook
from tests.chat.slack.kit import FORM, SECRET, Knock, signed, to_bytes
from tests.contracts import chat_stage
from tests.contracts.chat_stage import Street
from tests.fakes import World as CarPark, world as car_park_of
from tests.practice_world import TOKEN, FakeApp, World, practice_world


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that comes in may make us call anybody."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """Our door at one end, a platform's stand-in at the other."""
    with chat_stage.street() as found:
        yield found


@pytest.fixture
def car_park() -> CarPark:
    return car_park_of()


@pytest.fixture
def door(car_park: CarPark) -> SlackWebhook:
    return SlackWebhook(SECRET, CommandHandler(car_park.concierge, SlackMarkup()))


@pytest.fixture
def knock(door: SlackWebhook) -> Knock:
    """Send a body as Slack does; other headers in keyword arguments (None: left out)."""

    def knock(body: str | bytes, kind: str = FORM, **headers: str | None) -> Reply:
        return door(signed(body, kind, **headers), to_bytes(body))

    return knock


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with practice_world(tmp_path, FakeApp()) as world:
        yield world
        assert world.slack.violations == []


@pytest.fixture
def slack(world: World) -> SlackMessenger:
    return SlackMessenger(OneToken(TOKEN), f"{world.url}/api/")
