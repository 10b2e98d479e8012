"""Mattermost: what it has of its own. What all platforms do is in the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.chat.mattermost.markup import MattermostMarkup, MattermostRenderer
from chalicelib.chat.rest import wait_of
from chalicelib.chat.text.wording import Button, Words
from chalicelib.core import effects as say
from chalicelib.core.effects import News
from chalicelib.core.inputs import Profile, Sort
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.values import replace
from practice.common.chat_peer import AppRude
from practice.mattermost.server import BOT, buttons, id_of
from tests.chat.mattermost.test_contract import TOKEN, MattermostStand
from tests.contracts.chat_stage import PORTS, Hall, Street, hall_of
from tests.fakes import MONDAY, FakeClock
from tests.practice_world import request

ANA = f"mattermost:127.0.0.1:{id_of('ana')}"
CALL = say.Called(ANA, PORTS[0], 7, timedelta(minutes=15), MONDAY)


@pytest.fixture
def stand(street: Street) -> MattermostStand:
    return MattermostStand(street, FakeClock())


@pytest.fixture
def hall(stand: MattermostStand) -> Hall:
    return hall_of(stand, stand.server.peer.clock)  # type: ignore[arg-type]  # it is a FakeClock


def labels(stand: MattermostStand, n: int = -1) -> list[str]:
    return [one["name"] for one in buttons(stand.server.peer.shown[n])]


class TestStandIn:
    def test_every_post_has_an_id_of_its_own(self, hall: Hall, stand: MattermostStand) -> None:
        """The tenth post isn't taken for a change of the first."""
        for _ in range(12):
            hall.say("ana", "list")
        peer = stand.server.peer
        assert len({one.id for one in peer.shown}) == len(peer.shown)
        assert all(len(one.id) == len(BOT) for one in peer.shown)
        assert not [post for post in peer.feed.after(0) if post["edited"]]


class TestButtons:
    def test_a_turn(self, hall: Hall, stand: MattermostStand) -> None:
        """The call has its buttons; pressing one puts the answer in its place."""
        hall.say("ana", "add")
        hall.park(p1=None)
        (call,) = [one for one in stand.server.peer.shown if one.to == "ana"]
        assert [one["name"] for one in buttons(call)] == [
            "On my way",
            "Pass",
            "Leave",
            "Can't use it",
        ]
        stand.server.press("ana", call, "On my way")
        assert call.text.startswith("See you at port 1")
        assert [one["name"] for one in buttons(call)] == ["Blocked", "Pass", "Leave"]
        assert hall.store.site().queue[0].turn.coming  # type: ignore[union-attr]  # a call

    def test_beside_the_message(self, hall: Hall, stand: MattermostStand) -> None:
        """A remark in passing, or a fault, leaves the message and its buttons alone."""
        hall.say("ana", "add")
        hall.park(p1=None)
        (call,) = [one for one in stand.server.peer.shown if one.to == "ana"]
        words = call.text
        hall.store.down = True
        said = stand.server.press("ana", call, "On my way")
        hall.store.down = False
        assert "nothing was changed" in said["ephemeral_text"]
        assert call.text == words

    def test_in_the_channel(self, hall: Hall, stand: MattermostStand) -> None:
        """Who presses a button that all see is answered alone."""
        hall.park(p2=None)
        hall.park(p2="?")
        effect = say.PleaseMove(1, PORTS[1], hall.store.site().ports[PORTS[1]].stay.id, say.ChannelReminder.ASK)  # type: ignore[union-attr]  # somebody is there  # fmt: skip
        stand.messenger.send(stand.channel, effect, hall.store.site(), None)
        plea = stand.server.peer.shown[-1]
        stand.server.press("ana", plea, "That's me")
        assert plea.text.startswith("Whoever is on port 2")
        answer = stand.server.peer.shown[-1]
        assert answer.to == "ana"
        assert "charging on port 2" in answer.text

    @pytest.mark.parametrize("change", [{"value": "hq:8"}, {"action": "leave"}, {"own": False}, {"seal": ""}, {"seal": "ключ"}])  # fmt: skip
    def test_forged(self, hall: Hall, stand: MattermostStand, change: dict[str, Any]) -> None:
        """A button that says what we didn't is refused before the store is asked."""
        stand.messenger.send(ANA, CALL, hall.store.site(), None)
        message = stand.server.peer.shown[-1]
        context = {**buttons(message)[0]["integration"]["context"], **change}
        hall.store.take_calls()
        body = json.dumps(stand.server.click("ana", message, context)).encode()
        assert knock(stand, body) == 401
        assert hall.store.take_calls() == []

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"{}", b"\xff", b'{"user_id":1}', b'{"context":{}}', b"[" * 10_000],
    )
    def test_rubbish(self, hall: Hall, stand: MattermostStand, body: bytes) -> None:
        """What isn't a click is a bad request."""
        assert knock(stand, body) == 400

    def test_without_a_public_address(self, street: Street) -> None:
        """Nobody could press a button, so the words say what to type."""
        said = MattermostRenderer("", "key").post(Words("Your turn.", (Button("Pass", "pass", "hq:1", "pass"),)), own=True)  # fmt: skip
        assert said == {"message": "Your turn. (`/ev pass`)", "props": {"attachments": []}}


def knock(stand: MattermostStand, body: bytes) -> int:
    url = f"{stand.street.app}/mattermost/action"
    return request("POST", url, body, {"Content-Type": "application/json"}).status


class TestEphemeral:
    """What only the asker sees is in no database: a click on it can't be answered by an update."""

    def test_a_click_on_an_answer(self, hall: Hall, stand: MattermostStand) -> None:
        """The answer to a button of an ephemeral answer is seen, as another one."""
        hall.say("ana", "add")
        hall.say("dave", "admin reset")
        question = stand.server.peer.shown[-1]
        said = stand.server.press("dave", question, "Reset")
        assert "update" not in said
        assert "emptied the line" in stand.server.peer.shown[-1].text
        assert stand.server.peer.shown[-1].to == "dave"

    def test_the_stand_in_is_as_strict(self, hall: Hall, stand: MattermostStand) -> None:
        """Whoever updates an ephemeral post hears of it here, as nobody would there."""
        hall.say("ana", "add")
        hall.say("dave", "admin reset")
        question = stand.server.peer.shown[-1]
        context = buttons(question)[0]["integration"]["context"]
        renderer = MattermostRenderer("https://ev.example", TOKEN)
        context |= {
            "own": True,
            "seal": renderer.sign(context["action"], context["value"], own=True),
        }
        with pytest.raises(AppRude, match="a button failed"):
            stand.server.press("dave", question, "Reset")
        assert "updates an ephemeral post" in stand.server.peer.violations.pop()


class TestMentions:
    @pytest.mark.parametrize(
        "text", ["admin add @zoe", "admin add @zoe.", "admin add “@zoe”, please"]
    )
    def test_by_id(self, hall: Hall, stand: MattermostStand, text: str) -> None:
        """The server says who is mentioned, also of people whom the site doesn't know."""
        hall.say("dave", text)
        (entry,) = hall.store.site().queue
        assert entry.driver == f"mattermost:127.0.0.1:{id_of('zoe')}"
        assert hall.line() == ["zoe"]

    def test_nobody(self, hall: Hall, stand: MattermostStand) -> None:
        """A name that nobody has is no mention there, and nobody is put in line."""
        (said,) = hall.say("dave", "admin add @nosuchuser")
        assert "I don't know" in said.text
        assert hall.line() == []

    @pytest.mark.parametrize("user", ["", "x", "../x", "A" * 26])
    def test_strange_ids(self, hall: Hall, stand: MattermostStand, user: str) -> None:
        """An id that is none belongs to no mention."""
        form = stand.server.command("dave", "/ev", "admin add @zoe") | {"user_mentions_ids": user}
        assert stand.knock(form, f"Token {TOKEN}") == 200
        assert hall.line() == []


class TestCommands:
    def test_directly(self, hall: Hall, stand: MattermostStand) -> None:
        """Typed to somebody alone, it is about the server's one car park."""
        form = {**stand.server.command("ana", "/ev", "add"), "channel_id": id_of("dm")}
        form["channel_name"] = f"{id_of('ana')}__{BOT}"
        assert stand.knock(form, f"Token {TOKEN}") == 200
        assert hall.line() == ["ana"]

    @pytest.mark.parametrize("field", ["user_id", "channel_id"])
    @pytest.mark.parametrize("value", ["", "x", "../../etc", "A" * 26, "a" * 27])
    def test_strange_ids(self, hall: Hall, stand: MattermostStand, field: str, value: str) -> None:
        """An id that is none is a bad request."""
        form = {**stand.server.command("ana", "/ev", "add"), field: value}
        assert stand.knock(form, f"Token {TOKEN}") == 400


class TestMessenger:
    def test_an_edit(self, hall: Hall, stand: MattermostStand) -> None:
        """A post is changed in its place; one that is gone is no refusal."""
        site, post = hall.store.site(), say.PortPost(3, PORTS[0], News.FREE)
        ref = stand.messenger.send(stand.channel, post, site, None)
        stand.server.peer.clock.advance(seconds=2)  # type: ignore[attr-defined]  # it is a FakeClock
        again = replace(post, news=News.DARK)
        assert stand.messenger.send(stand.channel, again, site, ref) == ref
        assert [one.id for one in stand.server.peer.shown[-2:]] == [ref, ref]
        gone = id_of("gone")
        assert stand.messenger.send(stand.channel, again, site, gone) == gone

    def test_refused(self, hall: Hall, stand: MattermostStand) -> None:
        """A person who takes no messages, a channel we are not in, an id that is none."""
        site = hall.store.site()
        stand.server.refusing["ana"] = "api.user.deactivated.app_error"
        stand.server.members.remove(BOT)
        for to, why in ((ANA, "deactivated"), (stand.channel, "permissions"), ("mattermost:h:../x", "id")):  # fmt: skip
            with pytest.raises(MessageRefused, match=why):
                stand.messenger.send(to, CALL, replace(site, channels=(stand.channel,)), None)

    def test_names(self, stand: MattermostStand) -> None:
        """People are known by their usernames; who isn't there has none."""
        assert stand.messenger.profile(ANA) == Profile(ANA, "ana", "ana")
        nobody = f"mattermost:127.0.0.1:{id_of('nobody')}"
        assert stand.messenger.profile(nobody).sort is Sort.NOBODY

    @pytest.mark.parametrize("status", [200, 302, 401, 429, 500, 503])
    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{}", b"<html>", b"\xff", b'{"id": 5}', b"{" * 5_000]
    )
    def test_rubbish(self, hall: Hall, stand: MattermostStand, status: int, body: bytes) -> None:
        """Whatever stands between us and the server: try later, and never a crash."""

        def api(environ: Any, start: Callable[..., Any]) -> list[bytes]:
            start(
                f"{status} Whatever",
                [("Location", "http://127.0.0.1:1/"), ("Content-Type", "text/html")],
            )
            return [body]

        stand.street.handlers["api"] = api
        with pytest.raises((MessengerUnavailable, MessageRefused)) as raised:
            stand.messenger.send(stand.channel, CALL, hall.store.site(), None)
        assert status == 200 or isinstance(raised.value, MessengerUnavailable)

    def test_nobody_there(self, hall: Hall, stand: MattermostStand) -> None:
        """A server that can't be reached is tried later, and its token is not told."""
        renderer = MattermostRenderer("", "key")
        from chalicelib.chat.mattermost.messenger import MattermostMessenger

        lost = MattermostMessenger("http://127.0.0.1:1", "hush", renderer)
        with pytest.raises(MessengerUnavailable, match="can't be reached") as raised:
            lost.send(stand.channel, CALL, hall.store.site(), None)
        assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 60),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "soon"}, 60),
        ({"retry-after": "99999"}, 3600),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"}, 3),
        ({"x-ratelimit-remaining": "9", "x-ratelimit-reset": "3"}, 60),
        ({"x-ratelimit-reset": "1900000009", "date": "Sun, 17 Mar 2030 17:46:40 GMT"}, 9),
        ({"x-floodcontrol-reset": "1900000005", "x-ratelimit-reset": "1900000002", "date": "Sun, 17 Mar 2030 17:46:40 GMT"}, 5),
        ({"x-ratelimit-reset": "5", "date": "now"}, 5),
        ({"x-ratelimit-reset": "1000000000"}, 1),
    ],
)  # fmt: skip
def test_how_long_to_wait(headers: dict[str, str], wait: int) -> None:
    """Retry-After, or the reset of the limit that is used up, on the server's own clock."""
    assert wait_of(headers) == timedelta(seconds=wait)


@pytest.mark.parametrize("text", ["@channel", "*_`~#|>[x](y)", "a\n\n# b", "@all @here"])
def test_escaping(text: str) -> None:
    """What people typed neither pings nor formats, and stays on its line."""
    said = MattermostMarkup().escape(text)
    assert "\n" not in said
    assert "@a" not in said
    assert "@c" not in said
    assert not said.startswith("#")


def test_the_long_text_is_cut() -> None:
    """A post is never longer than Mattermost takes, and shows that it was cut."""
    said = MattermostRenderer("https://ev.example", "key").text(Words("x" * 20_000))
    assert len(said) == 16_383
    assert said.endswith("…")
