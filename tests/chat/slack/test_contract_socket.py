"""Slack does over Socket Mode what every chat platform does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.concierge import Concierge
from practice.slack.socket import Sockets
from practice.slack.workspace_peer import Slack
from tests.chat.slack.socket_kit import APP_TOKEN, listening, socket_to
from tests.chat.slack.test_contract import SECRET, TOKEN, SlackStand
from tests.contracts.chat_forms import FormsContract, FormStand
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Hall, Street
from tests.fakes import FakeClock
from tests.waiting import within


@dataclass
class Wire(Street):
    """A street with a socket in it, on which what was sent last can be sent again."""

    sockets: Sockets | None = None

    def again(self) -> int:
        assert self.sockets is not None
        self.sockets.again()
        return 200


class SocketStand(SlackStand):
    """The practice workspace, with Socket Mode switched on."""

    def __init__(self, street: Street, clock: FakeClock, stack: ExitStack) -> None:
        super().__init__(street, clock)
        self._stack = stack

    def workspace(self, street: Street, clock: FakeClock) -> Slack:
        return Slack(
            clock, signing_secret=SECRET, bot_token=TOKEN, app="", url=street.api,
            app_token=APP_TOKEN,
        )  # fmt: skip

    def open(self, concierge: Concierge) -> None:
        assert self.slack.sockets is not None
        self.sockets = self._stack.enter_context(self.slack.sockets)
        socket = socket_to(concierge, f"{self.street.api}/api/")
        self._stack.enter_context(listening(socket))
        here = self.street
        self.street = Wire(here.app, here.api, here.handlers, sockets=self.sockets)


# Our thread at the socket draws a pause while Hypothesis draws an example
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
class TestSlackSocket(ChatPlatformContract, OutsideContract, FormsContract):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock) -> Iterator[SocketStand]:
        with ExitStack() as stack:
            yield SocketStand(street, clock, stack)

    def test_forgeries(self, hall: Hall) -> None:
        """Nobody but Slack is on the connection; what it can't have meant is asked of nobody."""
        stand: Any = hall.stand
        hall.store.take_calls()
        for text in (b"\xff", "", "[]", "{}", '{"type": "slash_commands", "envelope_id": "1"}'):
            stand.sockets.send(text)
        stand.slack.say("ana", "good morning")
        within(5, lambda: stand.sockets.acks)
        assert hall.store.take_calls() == []
        assert hall.concierge.wishes == []

    def test_forged_forms(self, hall: Hall, forms: FormStand) -> None:
        """As above: nobody else is there to send one."""
