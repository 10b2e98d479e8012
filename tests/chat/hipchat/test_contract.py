"""HipChat does what every chat platform does."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.chat.hipchat.markup import HipChatText
from chalicelib.concierge import Concierge
from chalicelib.settings import Settings
from practice.common.chat_peer import Shown
from practice.hipchat.server import GROUP, ROOM, SIGNS, HipChat
from practice.hipchat.web import HipChatWeb
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Street
from tests.contracts.peer_stand import PeerStand
from tests.fakes import FakeClock

TENANT = f"hipchat:127.0.0.1-{GROUP}"


class HipChatStand(PeerStand[HipChat]):
    """The practice server, with the add-on installed."""

    platform = "hipchat"
    channel = f"{TENANT}:{ROOM}"
    has_buttons = False
    has_channel = True
    markup = HipChatText()

    def __init__(self, street: Street, clock: FakeClock, folder: Path) -> None:
        server = HipChat(clock, app=street.app, url=street.api)
        settings = Settings(
            store=f"sqlite:{folder / 'records.sqlite'}",
            hipchat_allowed_hosts=(street.api.removeprefix("http://"),),
            public_url=street.app,
        )
        super().__init__(server, street, settings, HipChatWeb(server).answer)

    def address(self, name: str) -> str:
        return f"{TENANT}:{self.server.people[name]}"

    def open(self, concierge: Concierge) -> None:
        super().open(concierge)
        if self.server.addon is None:
            assert self.server.install() == 204

    def read(self, message: Shown) -> str:
        return plain(message.text, message.more)

    def warn(self, text: str) -> None:
        self.server.peer.warn(text, SIGNS)

    def forgeries(self, name: str, text: str) -> Iterator[tuple[str, Callable[[], int]]]:
        body = json.dumps(self.server.event(name, f"/ev {text}")).encode()
        now = int(time.time())
        forged: dict[str, dict[str, object]] = {
            "another secret": {"secret": "x" * 40},
            "expired": {"exp": now - 120, "iat": now - 1_000},
            "no expiry": {"exp": None},
            "unsigned": {"alg": "none"},
            "another algorithm": {"alg": "HS512", "secret": "x" * 64},
            "the right secret, another algorithm": {"alg": "HS512"},
            "signed with what is public": {"secret": self.server.addon.oauth_id},  # type: ignore[union-attr]  # installed
            "signed with another public value": {"secret": f"{self.server.url}/v2/capabilities"},
            "signed with the add-on's key": {"secret": "ev-concierge"},
            "an unknown issuer": {"iss": "nobody"},
            "no issuer": {"iss": None},
            "another room": {"context": {"room_id": 43}},
            "no room": {"context": None},
            "another author": {"sub": self.server.people["bob"]},
        }
        for title, claims in forged.items():
            token = self.server.token(name, **claims)
            yield title, lambda token=token: self.server.knock(body, token).status  # type: ignore[misc]  # bound now
        yield "no token", lambda: self.server.knock(body, "").status
        yield "rubbish", lambda: self.server.knock(body, "a.b.c").status


def plain(text: str, said: dict[str, Any]) -> str:
    """A message as a person reads it."""
    if said.get("message_format") == "html":
        text = re.sub("<br>", "\n", text)
        text = re.sub("</?code>", "`", text)
        text = html.unescape(re.sub("</?b>", "", text))
    return text.replace("\u200b", "")


# A forger signs with whatever is known, long or short
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
class TestHipChat(ChatPlatformContract, OutsideContract):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> HipChatStand:
        return HipChatStand(street, clock, tmp_path)
