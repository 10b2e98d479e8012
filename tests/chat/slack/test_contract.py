"""Slack does what every chat platform does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIEnvironment

import pytest

from chalicelib import wiring
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.tokens import OneToken
from chalicelib.concierge import Concierge
from chalicelib.settings import Settings
from practice.common.people import BY_NAME, CHANNEL, DRIVERS, WORKSPACE
from practice.common.posts import Message
from practice.common.wsgi import Response
from practice.slack.app import sign
from practice.slack.web import SlackWeb
from practice.slack.workspace_peer import Slack
from tests.contracts.boards import BoardContract
from tests.contracts.chat_forms import FormsContract
from tests.contracts.chat_platform import ChatPlatformContract, OutsideContract
from tests.contracts.chat_stage import Hall, Seen, Street
from tests.fakes import FakeClock
from tests.practice_world import request

FORM = "application/x-www-form-urlencoded"
SECRET, TOKEN = "a-made-up-secret", "xoxb-made-up"


class SlackStand:
    """The practice workspace."""

    channel = f"slack:{WORKSPACE}:{CHANNEL}"
    has_buttons = True
    has_channel = True

    def __init__(self, street: Street, clock: FakeClock) -> None:
        self.slack = self.workspace(street, clock)
        self.markup = SlackMarkup()
        self.messenger = SlackMessenger(OneToken(TOKEN), f"{street.api}/api/")
        self.street = street
        self._after = 0
        web = SlackWeb(self.slack)

        def answer(environ: WSGIEnvironment) -> Response:
            where = environ["PATH_INFO"].split("/")
            if where[1] == "hooks":
                return web.hook(where[3], where[4], environ)
            if where[1] == "upload":
                return web.upload(where[3], environ)
            return web.api(where[-1], environ)

        street.serve(answer)

    def workspace(self, street: Street, clock: FakeClock) -> Slack:
        return Slack(clock, signing_secret=SECRET, bot_token=TOKEN, app=street.app, url=street.api)

    @property
    def violations(self) -> list[str]:
        return self.slack.violations

    def address(self, name: str) -> str:
        return f"slack:{WORKSPACE}:{BY_NAME[name].slack_id if name in BY_NAME else name}"

    def typed_mention(self, name: str) -> str:
        return f"<@{BY_NAME[name].slack_id}|{name}>"

    def open(self, concierge: Concierge) -> None:
        settings = Settings(slack_signing_secret=SECRET)
        self.street.open(wiring.open_endpoints(settings, concierge))

    def say(self, name: str, text: str) -> None:
        said = self.slack.say(name, f"/ev {text}")
        assert "error" not in said, said

    def seen(self) -> list[Seen]:
        posts = self.slack.workspace.feed.after(self._after)
        self._after += len(posts)
        return [
            Seen(post["to"], plain(post["text"]), pings(post["text"]))
            for post in posts
            if post["by"] == "bot"
        ]

    def warn(self, text: str) -> None:
        self.slack.workspace.typed(text)

    def _boards(self) -> list[Message]:
        feed = self.slack.workspace.feed
        every = [feed.message(n) for n in range(1, feed.last + 1)]
        ours = {one.ts: one for one in every if one is not None and one.by == "bot"}.values()
        return sorted(
            (one for one in ours if is_board(one) and not one.deleted), key=lambda one: one.ts
        )

    def boards(self) -> list[str]:
        return [plain(one.text) for one in self._boards()]

    def pinned(self) -> list[str]:
        return [plain(one.text) for one in self.slack.workspace.feed.pinned(CHANNEL)]

    def delete_boards(self) -> None:
        for one in self._boards():
            self.slack.workspace.feed.delete(one)
        self._after = self.slack.workspace.feed.last

    def may_pin(self, *, it_may: bool) -> None:
        (self.slack.api.scopes.add if it_may else self.slack.api.scopes.discard)("pins:write")

    def close(self, *, it_is: bool) -> None:
        self.slack.workspace.archived = it_is

    def limited(self) -> int:
        return len(self.slack.api.limited)

    # --- forms ------------------------------------------------------------------------------

    def press(self, name: str, action: str) -> None:
        posts = [
            one for one in self.slack.workspace.feed.after(0) if one["to"] in (name, "channel")
        ]
        n = next(one["n"] for one in reversed(posts) if action in str(one["blocks"]))
        self.slack.press(name, n, action)

    def form_of(self, name: str) -> dict[str, Any] | None:
        return self.slack.screens.form(BY_NAME[name])

    def fill(self, name: str, values: Mapping[str, str]) -> None:
        assert "error" not in self.slack.fill(name, values)

    def too_late(self) -> None:
        self.slack.api.views.trigger_life = -1.0

    def forged_forms(self, name: str) -> Iterator[tuple[str, Callable[[], int]]]:
        payload = {
            "type": "view_submission", "team": {"id": WORKSPACE}, "user": {"id": BY_NAME[name].slack_id},
            "view": {
                "id": "V1", "type": "modal", "callback_id": "form_need", "private_metadata": '{"site":"hq"}',
                "state": {"values": {"amount": {"value": {"value": "8 kWh"}}}},
            },
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(payload)}).encode()
        yield "unsigned", lambda: self._post(body, {"Content-Type": FORM})
        yield "another secret", lambda: self._post(body, sign(body, "another"))
        strange = {**payload, "view": {"id": "V1", "type": "modal", "callback_id": "form_x"}}
        other = urlencode({"payload": json.dumps(strange)}).encode()
        yield "no form of ours", lambda: self._post(other, sign(other, SECRET))

    # --- from outside -----------------------------------------------------------------------

    def form(self, name: str, text: str, trigger: str = "1.2.x") -> bytes:
        driver = BY_NAME[name]
        return urlencode(
            {
                "command": "/ev", "text": text, "team_id": WORKSPACE, "channel_id": CHANNEL,
                "user_id": driver.slack_id, "user_name": name, "trigger_id": trigger,
            }
        ).encode()  # fmt: skip

    def forgeries(self, name: str, text: str) -> Iterator[tuple[str, Callable[[], int]]]:
        body = self.form(name, text)
        other = self.form(name, "remove")
        yield "unsigned", lambda: self._post(body, {"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        yield "another secret", lambda: self._post(body, sign(body, "another"))
        yield "another body", lambda: self._post(body, sign(other, SECRET))
        old = int(time.time()) - 310
        yield "expired", lambda: self._post(body, sign(body, SECRET, at=old))

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        return request("POST", f"{self.street.app}/slack/events", body, headers).status


def is_board(message: Message) -> bool:
    return message.to == "channel" and (
        "HQ garage" in message.text or "no board here" in message.text
    )


def plain(text: str) -> str:
    """Slack's markup as a person reads it."""
    names = {driver.slack_id: driver.name for driver in DRIVERS}
    text = re.sub(r"<@(\w+)>", lambda match: f"@{names.get(match[1], '?')}", text)
    text = re.sub(r"^\*(.*)\*$", r"\1", text, flags=re.MULTILINE)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def pings(text: str) -> tuple[str, ...]:
    names = {driver.slack_id: driver.name for driver in DRIVERS}
    return tuple(names[found] for found in re.findall(r"<@(\w+)>", text))


class TestSlack(ChatPlatformContract, BoardContract, OutsideContract, FormsContract):
    @pytest.fixture
    def stand(self, street: Street, clock: FakeClock) -> SlackStand:
        return SlackStand(street, clock)

    def test_a_status(self, hall: Hall, stand: SlackStand) -> None:
        """Asked to, we look: in a meeting Ana is passed over in silence, and then called."""
        hall.say("ana", "meetings on")
        hall.say("ana", "add")
        until = hall.clock.now() + timedelta(minutes=30)
        assert stand.slack.set_status("ana", "In a meeting", until) == 2
        assert hall.park(p1=None) == [Seen("channel", "Port 1 is free.")]
        said = hall.later(minutes=30)
        assert [one.to for one in said if "your turn" in one.text] == ["ana"]

    def test_a_status_that_was_there(self, hall: Hall, stand: SlackStand) -> None:
        """The status of the moment in which somebody asks for it counts at once."""
        stand.slack.set_status("ana", "In a meeting", hall.clock.now() + timedelta(minutes=30))
        hall.say("ana", "meetings on")
        (said,) = hall.say("ana", "add")
        assert (
            "to be called from 08:31 on" in said.text or "to be called from 08:30 on" in said.text
        )

    def test_without_the_scope(self, hall: Hall, stand: SlackStand) -> None:
        """Slack tells nothing then, and everything else goes on."""
        stand.slack.api.scopes.discard("users:read")
        hall.say("ana", "meetings on")
        hall.say("ana", "add")
        until = hall.clock.now() + timedelta(minutes=30)
        assert stand.slack.set_status("ana", "In a meeting", until) == 0
        assert any("your turn" in one.text for one in hall.park(p1=None))

    def test_a_closed_account(self, hall: Hall, stand: SlackStand) -> None:
        """Who is gone leaves the line, the next is called, and the admin hears of it."""
        hall.say("ana", "add")
        hall.say("bob", "add")
        hall.park(p1=None)
        assert hall.line() == ["ana 1:900001/1", "bob"]
        stand.slack.close_account("ana")
        said = hall.settle()
        assert hall.line() == ["bob 1:900001/1"]
        assert Seen("dave", "Ana's account is closed, so I took them off the line.") in said

    def test_an_account_found_closed(self, hall: Hall, stand: SlackStand) -> None:
        """Where no event tells, the refused call does."""
        stand.slack.api.scopes.discard("users:read")
        hall.say("ana", "add")
        hall.say("bob", "add")
        stand.slack.close_account("ana")
        hall.park(p1=None)
        assert hall.line() == ["bob 1:900001/1"]

    def test_renamed(self, hall: Hall, stand: SlackStand) -> None:
        """Who chose another name has it in the list."""
        hall.say("ana", "add")
        stand.slack.rename("ana", "anna")
        assert "1. Anna" in hall.say("bob", "list")[0].text

    def test_invited(self, hall: Hall, stand: SlackStand) -> None:
        """Invited to the channel of a site, it says what it does and what is missing there."""
        assert stand.slack.invite("ana") == 1
        (said,) = hall.settle()
        assert said.to == "channel"
        assert said.text.startswith("Hello, I keep the line for the chargers of HQ garage")
        assert "/ev admin setup" in said.text
        assert len(said.text.splitlines()) == 3

    def test_invited_without_the_scope(self, hall: Hall, stand: SlackStand) -> None:
        """Slack doesn't tell then, and the first command is answered all the same."""
        stand.slack.api.scopes.discard("channels:read")
        assert stand.slack.invite("ana") == 0
        assert hall.settle() == []

    def test_somebody_else_joins(self, hall: Hall, stand: SlackStand) -> None:
        """Who joins the channel is no business of ours."""
        event = {
            "type": "member_joined_channel",
            "user": "U0ANA",
            "channel": CHANNEL,
            "inviter": "U0BOB",
        }
        assert stand.slack.tell(event, WORKSPACE)
        assert hall.settle() == []

    def test_invited_where_no_site_is(self, hall: Hall, stand: SlackStand) -> None:
        """There it says at once how to make one, with the addresses that it takes."""
        hall.store.bind(stand.channel, None)
        hall.concierge.store.delete("hq")
        assert stand.slack.invite("ana") == 1
        (said,) = stand.seen()
        assert f"its address is {stand.channel}, and yours {stand.address('ana')}." in said.text
        assert len(said.text.splitlines()) == 3
