"""What strangers can make HipChat's webhook do is small, and takes one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.chat.hipchat.webhook import Message, Person, with_ids
from chalicelib.wiring import hipchat
from tests.chat.hipchat.kit import clock, hall, knock, stand
from tests.chat.hipchat.test_contract import HipChatStand
from tests.contracts.chat_stage import Hall

__all__ = ["clock", "hall", "stand"]  # fixtures


@pytest.mark.parametrize("claim", ["iss", "jti", "sub"])
def test_half_a_character(hall: Hall, stand: HipChatStand, claim: str) -> None:
    """A token may name halves of characters, which no store can keep: not proven, no fault."""
    event = stand.server.event("ana", "/ev list")
    assert knock(stand, event, **{claim: "a\ud800"}) in (204, 401, 403)


@pytest.mark.parametrize("name", ["mention_name", "name"])
def test_a_long_name(hall: Hall, stand: HipChatStand, name: str) -> None:
    """A name of a book's length is no name of HipChat's."""
    event = stand.server.event("ana", "/ev add")
    event["item"]["message"]["from"][name] = "x" * 20_000
    assert knock(stand, event) == 400


def test_many_mentions() -> None:
    """The text is gone through once, however many people are mentioned."""
    people = [Person(n, f"somebody{n}") for n in range(1000)]
    text = "/ev admin add " + "@somebody999 " * 1500 + "@somebody9990, @somebody7."
    message = Message(1, text, people[0], people)
    assert with_ids(message) == "/ev admin add " + "<@999> " * 1500 + "@somebody9990, <@7>."


def test_a_silent_host_holds_one_thread(hall: Hall, stand: HipChatStand) -> None:
    """While one installation is being checked, others are refused at once."""
    door = hipchat.doors(stand.settings, hall.concierge)["/hipchat/installed"]
    offer = b'{"oauthId":"a","oauthSecret":"s","capabilitiesUrl":"%s/v2/capabilities"}'
    asked, over = threading.Event(), threading.Event()

    def silent(_environ: Any, start: Callable[..., Any]) -> list[bytes]:
        asked.set()
        over.wait(20)
        start("404 Not Found", [("Content-Length", "0")])
        return [b""]

    stand.street.handlers["api"] = silent
    url = stand.server.url.encode()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(door, {}, offer % url)
        assert asked.wait(20)
        others = [door({}, offer % url) for _ in range(16)]
        over.set()
        first.result()
    assert {status for status, _, _ in others} == {503}
    assert door({}, offer % url)[0] != 503 or "checked now" in door({}, offer % url)[2]
