"""Mattermost does what every chat platform does."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.chat.mattermost.markup import MattermostMarkup
from chalicelib.settings import Settings
from practice.common.chat_peer import Shown
from practice.mattermost.server import CHANNEL, SIGNS, Mattermost, buttons, id_of
from practice.mattermost.web import MattermostWeb
from tests.contracts.boards import BoardContract
from tests.contracts.chat_forms import FormsContract, FormStand, entry_of, open_need
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Hall, Street
from tests.contracts.peer_stand import PeerStand
from tests.fakes import FakeClock
from tests.practice_world import request

TOKEN, BOT_TOKEN = "a-made-up-command-token", "a-made-up-bot-token"
FORM = "application/x-www-form-urlencoded"


class MattermostStand(PeerStand[Mattermost]):
    """The practice server."""

    platform = "mattermost"
    channel = f"mattermost:127.0.0.1:{CHANNEL}"
    has_buttons = True
    has_channel = True
    markup = MattermostMarkup()

    def __init__(self, street: Street, clock: FakeClock, public_url: str = "") -> None:
        server = Mattermost(clock, app=street.app, command_token=TOKEN, bot_token=BOT_TOKEN)
        settings = Settings(
            mattermost_url=street.api,
            mattermost_bot_token=BOT_TOKEN,
            mattermost_command_token=TOKEN,
            public_url=public_url or street.app,
        )
        super().__init__(server, street, settings, MattermostWeb(server).answer)

    def address(self, name: str) -> str:
        return f"mattermost:127.0.0.1:{id_of(name)}"

    def read(self, message: Shown) -> str:
        return plain(message.text)

    def warn(self, text: str) -> None:
        self.server.peer.warn(text, SIGNS)

    def _boards(self) -> list[Shown]:
        standing = {one.id: one for one in self.server.peer.shown if one.id in self.server.posts}
        return [one for one in standing.values() if is_board(one)]

    def boards(self) -> list[str]:
        return [plain(one.text) for one in self._boards()]

    def pinned(self) -> list[str]:
        return [plain(one.text) for one in self.server.peer.pinned()]

    def delete_boards(self) -> None:
        for one in self._boards():
            self.server.delete(one.id)

    def may_pin(self, *, it_may: bool) -> None:
        self.server.may_pin = it_may

    def close(self, *, it_is: bool) -> None:
        self.server.archived = it_is

    # --- forms ------------------------------------------------------------------------------

    def press(self, name: str, action: str) -> None:
        seen = [one for one in self.server.peer.shown if one.to in (name, "channel")]
        plain = action.replace("_", "")
        message = next(
            one for one in reversed(seen) if plain in [button["id"] for button in buttons(one)]
        )
        label = next(one["name"] for one in buttons(message) if one["id"] == plain)
        self.server.press(name, message, label)

    def form_of(self, name: str) -> dict[str, Any] | None:
        return self.server.dialogs.shown(name)

    def fill(self, name: str, values: Mapping[str, str]) -> None:
        self.server.fill(name, values)

    def too_late(self) -> None:
        self.server.dialogs.trigger_life = -1.0

    def forged_forms(self, name: str) -> Iterator[tuple[str, Callable[[], int]]]:
        right = self.server.filled(name, {"amount": "8 kWh"})
        body, _, seal = right["state"].partition(".")
        kept = json.loads(base64.urlsafe_b64decode(body))
        other = base64.urlsafe_b64encode(json.dumps({**kept, "site": "hq2"}).encode()).decode()
        yield "no state", lambda: self.send({**right, "state": ""})
        yield "somebody else's", lambda: self.send({**right, "user_id": id_of("bob")})
        yield "another site", lambda: self.send({**right, "state": f"{other}.{seal}"})
        yield "another seal", lambda: self.send({**right, "state": f"{body}.{'0' * 64}"})
        yield "no Latin seal", lambda: self.send({**right, "state": f"{body}.ключ"})
        yield "no base64", lambda: self.send({**right, "state": f"ж.{seal}"})

    def send(self, sent: dict[str, Any]) -> int:
        url, headers = f"{self.street.app}/mattermost/dialog", {"Content-Type": "application/json"}
        return request("POST", url, json.dumps(sent).encode(), headers).status

    # --- from outside -----------------------------------------------------------------------

    def forgeries(self, name: str, text: str) -> Iterator[tuple[str, Callable[[], int]]]:
        form = self.server.command(name, "/ev", text)
        right = f"Token {TOKEN}"
        yield "no header", lambda: self.knock(form, "")
        yield "another token in the header", lambda: self.knock(form, "Token x")
        yield "another scheme", lambda: self.knock(form, f"Bearer {TOKEN}")
        yield "another token in the body", lambda: self.knock({**form, "token": "x"}, right)
        yield "no token in the body", lambda: self.knock({**form, "token": ""}, right)
        yield "no Latin token", lambda: self.knock({**form, "token": "ключ"}, right)

    def knock(self, form: dict[str, Any], proof: str) -> int:
        headers = {"Content-Type": FORM, "Authorization": proof}
        url = f"{self.street.app}/mattermost/command"
        return request("POST", url, urlencode(form, doseq=True).encode(), headers).status


def is_board(message: Shown) -> bool:
    return message.to == "channel" and (
        "HQ garage" in message.text or "no board here" in message.text
    )


def plain(text: str) -> str:
    """Markdown as a person reads it."""
    text = re.sub(r"^\*\*(.*)\*\*$", r"\1", text, flags=re.MULTILINE).replace("\u200b", "")
    return re.sub(r"\\([\\`*_\[\]#|~>])", r"\1", text)


class TestMattermost(ChatPlatformContract, BoardContract, OutsideContract, FormsContract):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock) -> MattermostStand:
        return MattermostStand(street, clock)

    @pytest.mark.parametrize("value", [None, 5, True, ["8 kWh"], {"a": 1}, "x" * 5_000, "\u0000"])
    def test_strange_values(self, hall: Hall, forms: FormStand, value: object) -> None:
        """Whatever a browser sends in a field: an error, or nothing said; and no bug."""
        open_need(hall, forms)
        stand: Any = hall.stand
        right = stand.server.filled("ana", {})
        sent = {**right, "submission": {"amount": value, "by": value, "more": value}}
        assert stand.send(sent) == 200
        assert entry_of(hall).need is None
