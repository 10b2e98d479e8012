"""The Slack stand-in's Socket Mode, as strict as Slack's, and a car park that runs on it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from practice.slack import socket
from practice.slack.app import AppFailed
from practice.slack.faults import SlackError, TooFast
from practice.slack.socket import Sockets
from practice.world import world

TOKEN = "xapp-made-up"


@pytest.fixture
def blamed() -> list[str]:
    return []


@pytest.fixture
def sockets(blamed: list[str]) -> Iterator[Sockets]:
    with Sockets(TOKEN, blamed.append) as here:
        yield here


def dial(sockets: Sockets) -> ClientConnection:
    """A connection, hello heard."""
    line = connect(sockets.open(TOKEN)["url"], legacy=True)
    assert json.loads(line.recv(5))["type"] == "hello"
    return line


def ask(sockets: Sockets, line: ClientConnection, answer: Any) -> Any:
    """What a command comes to, if `answer(envelope)` is what the app sends."""
    found: list[Any] = []

    def command() -> None:
        try:
            found.append(sockets.command({"text": "add"}))
        except AppFailed as failure:
            found.append(failure)

    asking = threading.Thread(target=command)
    asking.start()
    envelope = json.loads(line.recv(5))
    assert (envelope["type"], envelope["payload"]) == ("slash_commands", {"text": "add"})
    line.send(answer(envelope))
    asking.join()
    return found[0]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "not_authed"),
        ("xoxb-made-up", "not_allowed_token_type"),
        ("xapp-other", "invalid_auth"),
    ],
)
def test_tokens(sockets: Sockets, token: str, error: str) -> None:
    """Only the app's own app-level token opens a connection."""
    with pytest.raises(SlackError, match=error):
        sockets.open(token)


def test_the_switch_and_the_pace(sockets: Sockets) -> None:
    """Switched off, or called too often, it is refused, in Slack's ways."""
    sockets.enabled = False
    with pytest.raises(SlackError, match="forbidden_team"):
        sockets.open(TOKEN)
    sockets.enabled = True
    for _ in range(socket.MOST_CALLS):
        sockets.open(TOKEN)
    with pytest.raises(TooFast) as caught:
        sockets.open(TOKEN)
    assert 50 < caught.value.retry_after <= 60


def test_a_ticket_is_good_once(sockets: Sockets, blamed: list[str]) -> None:
    """A ticket opens one connection; no other does."""
    url = sockets.open(TOKEN)["url"]
    with connect(url) as line:
        assert json.loads(line.recv(5))["num_connections"] == 1
        for bad in (url, url.replace("ticket=", "ticket=x")):
            with pytest.raises(InvalidStatus):
                connect(bad, legacy=True)
    assert blamed == ["a socket without a good ticket"] * 2


def test_an_answer(sockets: Sockets, blamed: list[str]) -> None:
    """The payload of an acknowledgement is the answer."""
    with dial(sockets) as line:
        reply = ask(sockets, line, lambda e: json.dumps({"envelope_id": e["envelope_id"], "payload": {"text": "hi"}}))  # fmt: skip
        assert json.loads(reply.body) == {"text": "hi"}
    assert blamed == []


@pytest.mark.parametrize("text", ["hello", "[]", "{}", '{"envelope_id": "another"}', '{"envelope_id": []}'])  # fmt: skip
def test_rubbish(
    sockets: Sockets, blamed: list[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """What acknowledges nothing is a breach, and whoever typed waits in vain."""
    monkeypatch.setattr(socket, "WITHIN", 0.3)
    with dial(sockets) as line:
        failure = ask(sockets, line, lambda _: text)
    assert (failure.error, failure.rude) == ("operation_timeout", True)
    assert len(blamed) == 1


def test_an_event_takes_no_payload(sockets: Sockets, blamed: list[str]) -> None:
    """Nobody sees what an event is answered with."""
    with dial(sockets) as line:
        telling = threading.Thread(target=lambda: sockets.event({"event_id": "1"}, 2))
        telling.start()
        envelope = json.loads(line.recv(5))
        assert (envelope["retry_attempt"], envelope["accepts_response_payload"]) == (2, False)
        line.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {}}))
        telling.join()
    assert len(blamed) == 1


def test_nobody_is_there(sockets: Sockets) -> None:
    """Without a connection a command fails at once."""
    with pytest.raises(AppFailed, match="no socket is open"):
        sockets.command({})


def test_parting(sockets: Sockets) -> None:
    """It says so first, and then hangs up."""
    with dial(sockets) as line:
        sockets.part("warning", within=0.1)
        assert json.loads(line.recv(5)) == {"type": "disconnect", "reason": "warning"}
        with pytest.raises(ConnectionClosed):
            line.recv(5)


def test_a_car_park_by_socket() -> None:
    """`make run SLACK=socket`: commands, buttons and plain words reach the concierge."""
    with world(cars=("bob", "cleo", "eli", "fay"), socket_mode=True, speed=20) as here:
        assert "number 1" in here.slack.say("ana", "/ev add")["text"]
        here.slack.say("gus", "ev add")
        assert here.line() == ["ana", "gus"]
        (port, *_) = here.carpark.ports()
        here.carpark.unplug(port.station, port.number)
        give_up = threading.Event()
        for _ in range(300):
            calls = [post for post in here.slack.workspace.feed.after(0) if post["to"] == "ana" and "your turn" in post["text"]]  # fmt: skip
            if calls:
                break
            give_up.wait(0.1)
        here.slack.press("ana", calls[0]["n"], "Pass")
        assert [entry.turn is None for entry in here.site().queue] == [True, False]
        assert here.slack.violations == []
        assert here.stop_bot() == 0
