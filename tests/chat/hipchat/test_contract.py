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

from chalicelib import wiring
from chalicelib.chat.hipchat.markup import HipChatText
from chalicelib.concierge import Concierge
from chalicelib.settings import Settings
from practice.common.wsgi import BadRequest, error_response
from practice.hipchat.server import GROUP, ROOM, SIGNS, HipChat
from practice.hipchat.web import HipChatWeb
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Seen, Street, street
from tests.fakes import FakeClock

TENANT = f"hipchat:127.0.0.1-{GROUP}"


class HipChatStand:
    """The practice server, with the add-on installed."""

    channel = f"{TENANT}:{ROOM}"
    has_buttons = False
    has_channel = True

    def __init__(self, street: Street, clock: FakeClock, folder: Path) -> None:
        self.server = HipChat(clock, app=street.app, url=street.api)
        self.web = HipChatWeb(self.server)
        self.settings = Settings(
            store=f"sqlite:{folder / 'records.sqlite'}",
            hipchat_allowed_hosts=(street.api.removeprefix("http://"),),
            public_url=street.app,
        )
        self.markup = HipChatText()
        self.messenger = wiring.messengers_of(self.settings)["hipchat"]
        self.street = street
        self._after = 0

        def api(environ: Any, start: Any) -> Any:
            try:
                return self.web.answer(environ).send(start)
            except BadRequest as error:
                return error_response(error).send(start)

        street.handlers["api"] = api

    @property
    def violations(self) -> list[str]:
        return self.server.peer.violations

    def address(self, name: str) -> str:
        return f"{TENANT}:{self.server.people[name]}"

    def typed_mention(self, name: str) -> str:
        return f"@{name}"

    def open(self, concierge: Concierge) -> None:
        self.street.open(wiring.open_endpoints(self.settings, concierge))
        if self.server.addon is None:
            assert self.server.install() == 204

    def say(self, name: str, text: str) -> None:
        self.server.say(name, f"/ev {text}")

    def seen(self) -> list[Seen]:
        shown = self.server.peer.shown[self._after :]
        self._after += len(shown)
        return [Seen(one.to, plain(one.text, one.more), one.pings) for one in shown]

    def warn(self, text: str) -> None:
        self.server.peer.warn(text, SIGNS)

    def limited(self) -> int:
        return self.server.limited

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
    @pytest.fixture(scope="class")
    @classmethod
    def street(cls) -> Iterator[Street]:
        with street() as here:
            yield here

    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock, tmp_path: Path) -> HipChatStand:
        return HipChatStand(street, clock, tmp_path)
