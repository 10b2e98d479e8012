"""`POST /slack/events`: who is let in, and what they are told."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.chat import slack
from chalicelib.chat.desk import Desk
from chalicelib.chat.slack import Reply, SlackDoor
from chalicelib.chat.slack_markup import SlackMarkup
from chalicelib.core import effects as say
from chalicelib.core.inputs import Add, Resume
from chalicelib.core.model import Site
from chalicelib.edges import StaleSite
from tests.fakes import ANA, BOB, World, world

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # of the worked example in Slack's documents
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
HOOK = "https://hooks.slack.example/actions/T0HQ/1/not-a-secret"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that comes in may make us call anybody."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def car_park() -> World:
    return world()


@pytest.fixture
def door(car_park: World) -> SlackDoor:
    return SlackDoor(SECRET, Desk(car_park.concierge, SlackMarkup()))


Knock = Callable[..., Reply]


@pytest.fixture
def knock(door: SlackDoor) -> Knock:
    """Send a body as Slack does; other headers in keyword arguments (None: left out)."""

    def knock(body: str | bytes, kind: str = FORM, **headers: str | None) -> Reply:
        return door(signed(body, kind, **headers), to_bytes(body))

    return knock


def to_bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def signed(body: str | bytes, kind: str = FORM, **more: str | None) -> dict[str, str]:
    """The headers; `at` is another timestamp, properly signed."""
    stamp = more.pop("at", None) or str(int(time.time()))
    message = f"v0:{stamp}:".encode() + to_bytes(body)
    digest = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    headers: dict[str, str | None] = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


def command(text: str, **more: str) -> str:
    fields = {
        "command": "/ev",
        "text": text,
        "team_id": "T0HQ",
        "channel_id": "C0EV",
        "user_id": "U0ANA",
        "user_name": "ana",
        "trigger_id": "1.2.abc",
        "response_url": HOOK,
        **more,
    }
    return urlencode(fields)


def click(action: str, value: str, **more: object) -> str:
    payload = {
        "type": "block_actions",
        "team": {"id": "T0HQ"},
        "user": {"id": "U0ANA", "username": "ana"},
        "channel": {"id": "D0ANA"},
        "container": {"type": "message", "is_ephemeral": False},
        "response_url": HOOK,
        "trigger_id": "3.4.def",
        "actions": [{"type": "button", "action_id": action, "value": value}],
        **more,
    }
    return urlencode({"payload": json.dumps(payload)})


def answer(reply: Reply) -> dict[str, Any]:
    """The JSON that a command was answered with."""
    status, _, body = reply
    assert status == 200, reply
    found: dict[str, Any] = json.loads(body)
    return found


class TestProof:
    """Who is let in."""

    def test_the_documents_example(self, door: SlackDoor, monkeypatch: pytest.MonkeyPatch) -> None:
        """The request in Slack's documents is proven at its time, and refused today."""
        body = (
            "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
            "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
            "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
            "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
            "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        )
        headers = {
            "X-Slack-Request-Timestamp": "1531420618",
            "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "Content-Type": FORM,
        }
        assert door(headers, body.encode())[0] == 401
        monkeypatch.setattr("slack_sdk.signature.time", lambda: 1531420700.0)
        assert "no charging site" in answer(door(headers, body.encode()))["text"]

    @pytest.mark.parametrize("seconds", [-290, 0, 290])
    def test_recent(self, knock: Knock, seconds: int) -> None:
        """Clocks may differ by nearly five minutes."""
        assert knock(command("help"), at=str(int(time.time()) + seconds))[0] == 200

    @pytest.mark.parametrize("seconds", [-302, -400, 302, 86_400])
    def test_old_or_from_the_future(self, knock: Knock, seconds: int) -> None:
        """A proper signature of another time is refused."""
        assert knock(command("help"), at=str(int(time.time()) + seconds))[0] == 401

    @pytest.mark.parametrize(
        "stamp",
        [
            "",
            " ",
            "x",
            "-1",
            "+1",
            "1e9",
            "0x10",
            "1531420618.0",
            "9" * 12,
            "9" * 13,
            "9" * 5000,
            "１７６３６６６６６６",
            "٣٣٣٣٣٣٣٣٣٣",
            "²²²²²²²²²²",
            "\x00",
            "1763666666\n",
        ],
    )
    def test_strange_times(self, knock: Knock, stamp: str) -> None:
        """A timestamp that is no recent number is refused, though it be signed."""
        assert knock(command("add"), at=stamp, X_Slack_Request_Timestamp=stamp)[0] == 401

    @pytest.mark.parametrize(
        "signature",
        [
            "",
            "v0=",
            "v0=00",
            "v1=" + "0" * 64,
            "v0=" + "g" * 64,
            "v0=" + "0" * 64,
            "v0=" + "٠" * 64,
            "v0=\ud800",
            "x" * 100_000,
            "\x00",
        ],
    )
    def test_strange_signatures(self, knock: Knock, car_park: World, signature: str) -> None:
        """A wrong signature is refused, and nothing is asked of the store."""
        status, _, reason = knock(command("add"), X_Slack_Signature=signature)
        assert (status, reason) == (401, "not signed by Slack")
        assert car_park.store.calls == []

    @pytest.mark.parametrize("missing", ["X_Slack_Signature", "X_Slack_Request_Timestamp"])
    def test_missing(self, knock: Knock, missing: str) -> None:
        """Without one of the two headers nobody is proven."""
        assert knock(command("add"), **{missing: None})[0] == 401

    def test_another_body(self, door: SlackDoor) -> None:
        """A signature holds for its own body only."""
        assert door(signed(command("remove")), command("add").encode())[0] == 401

    def test_any_case_of_headers(self, door: SlackDoor) -> None:
        """Header names come in any case."""
        shouted = {name.upper(): value for name, value in signed(command("help")).items()}
        assert door(shouted, command("help").encode())[0] == 200

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"text=\x80", "ä".encode("latin-1")])
    def test_undecodable(self, knock: Knock, body: bytes) -> None:
        """What isn't UTF-8 is refused, signed or not."""
        assert knock(body)[0] == 400
        assert knock(body, X_Slack_Signature="v0=1")[0] in (400, 401)

    def test_nothing_is_logged(self, door: SlackDoor, caplog: pytest.LogCaptureFixture) -> None:
        """Neither a refused body nor an accepted one is ever written to the log."""
        caplog.set_level(logging.DEBUG)
        secret_text = command("my-secret-text", token="tok-en")
        odd = json.dumps({"type": "my-secret-type", "token": "tok-en"})
        door(signed(secret_text), secret_text.encode())
        door(signed(odd, JSON), odd.encode())
        door({**signed(secret_text), "X-Slack-Signature": "v0=0"}, secret_text.encode())
        door({}, secret_text.encode())
        for word in ("my-secret", "tok-en", SECRET, HOOK):
            assert word not in caplog.text


class TestHandshakes:
    """What Slack asks of every app."""

    def test_url_verification(self, knock: Knock) -> None:
        """The challenge comes back, but only to Slack."""
        body = json.dumps({"type": "url_verification", "token": "t", "challenge": "c-1"})
        assert answer(knock(body, JSON)) == {"challenge": "c-1"}
        assert knock(body, JSON, X_Slack_Signature=None)[0] == 401

    def test_ssl_check(self, knock: Knock, monkeypatch: pytest.MonkeyPatch) -> None:
        """Answered with nothing, signed or unsigned; a wrong signature is still wrong."""
        body = "ssl_check=1&token=whatever"
        assert knock(body) == (200, {}, "")
        assert knock(body, X_Slack_Signature=None, X_Slack_Request_Timestamp=None)[0] == 200
        assert knock(body, X_Slack_Signature="v0=0")[0] == 401

    def test_an_event(self, knock: Knock, car_park: World) -> None:
        """An event that we don't use is acknowledged, retries too."""
        body = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "hi"}})
        assert knock(body, JSON)[0] == 200
        assert knock(body, JSON, x_slack_retry_num="1")[0] == 200
        assert car_park.store.calls == []


class TestCommands:
    """What people type."""

    def test_add(self, knock: Knock, car_park: World) -> None:
        """`/ev add` is answered in the channel, and Ana stands in line under her name."""
        reply = answer(knock(command("add")))
        assert reply["response_type"] == "in_channel"
        assert "Ana is number 1" in reply["text"]
        assert [entry.driver for entry in car_park.site().queue] == [ANA]

    @pytest.mark.parametrize(
        "text", ["ADD", " add ", "add.", "add…", "Add!", "\u00a0add\n", "ａｄｄ"]
    )
    def test_forgiving(self, knock: Knock, car_park: World, text: str) -> None:
        """Capitals, blanks, full stops and phones' spelling don't matter."""
        answer(knock(command(text)))
        assert [entry.driver for entry in car_park.site().queue] == [ANA]

    @pytest.mark.parametrize(
        "text", ["list", "status", "help", "", "remove", "resume", "next", "suspend"]
    )
    def test_private(self, knock: Knock, car_park: World, text: str) -> None:
        """Looking, help and refusals are for the asker alone, and write nothing."""
        reply = answer(knock(command(text)))
        assert reply["response_type"] == "ephemeral"
        assert reply["text"]
        assert "save" not in car_park.store.calls

    @pytest.mark.parametrize(
        "text",
        [
            "ad",
            "fly me to the moon",
            "x" * 10_000,
            "\u202eddа",
            "مرحبا بالعالم",
            "👍🏽" * 50,
            "\x00",
            "\ufffd",
            "'; DROP TABLE sites; --",
            "{}",
            "%00",
            "a" * 199 + "ﷺ",
        ],
    )
    def test_unknown_words(self, knock: Knock, car_park: World, text: str) -> None:
        """Anything else gets help, with HTTP 200 and a message that Slack takes."""
        reply = answer(knock(command(text)))
        assert "/ev add" in reply["text"]
        assert len(reply["text"]) <= 4_000
        assert car_park.site().queue == ()

    def test_nearest(self, knock: Knock) -> None:
        """A slip of the finger gets the word that was meant."""
        assert "/ev suspend" in answer(knock(command("susspend")))["text"].splitlines()[0]

    @pytest.mark.parametrize("word", ["<!channel>", "<@U1>", "a & b", "<https://evil.example|x>"])
    def test_escaped(self, knock: Knock, word: str) -> None:
        """What people typed neither pings nor links."""
        text = answer(knock(command(word)))["text"]
        assert word not in text
        assert "<" not in text.splitlines()[0]
        assert ("&lt;" in text) or ("&amp;" in text)

    def test_escaped_names(self, knock: Knock) -> None:
        """Nor does what people call themselves, in any message."""
        name = "<!here> & <@U1>"
        for text in ("add", "list", "status", "next", "remove"):
            assert "<" not in answer(knock(command(text, user_name=name)))["text"]

    @pytest.mark.parametrize(("team", "channel"), [("T0OTHER", "C0EV"), ("T0HQ", "C0LUNCH")])
    def test_elsewhere(self, knock: Knock, car_park: World, team: str, channel: str) -> None:
        """In another workspace or channel there is no site, kindly."""
        reply = answer(knock(command("add", team_id=team, channel_id=channel)))
        assert "no charging site" in reply["text"]
        assert reply["response_type"] == "ephemeral"
        assert car_park.site().queue == ()

    def test_replayed(self, knock: Knock, car_park: World) -> None:
        """The same request again is answered, and not done again."""
        answer(knock(command("add")))
        car_park.ask(ANA, Resume())
        before = car_park.site()
        assert "once" in answer(knock(command("add")))["text"]
        assert car_park.site() == before

    def test_replayed_without_a_trigger(self, knock: Knock, car_park: World) -> None:
        """A request without a trigger_id is known by its signature."""
        body, now = command("add", trigger_id=""), str(int(time.time()))
        answer(knock(body, at=now))
        before = car_park.site()
        assert "once" in answer(knock(body, at=now))["text"]
        assert car_park.site() == before

    @pytest.mark.parametrize("listener", ["command", "click", "nobody"])
    def test_lazy_headers(self, door: SlackDoor, car_park: World, listener: str) -> None:
        """Bolt's lazy headers from outside mean nothing: the command is done as ever."""
        lazy = {
            "X-Slack-Bolt-Lazy-Only": "1",
            "X-Slack-Bolt-Lazy-Function-Name": listener,
        }
        body = command("add")
        assert "number 1" in answer(door({**signed(body), **lazy}, body.encode()))["text"]
        assert len(car_park.site().queue) == 1

    def test_environment(self, car_park: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Bolt finds tokens and clients in the environment, and must not use them."""
        for name in (
            "SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET",
            "SLACK_VERIFICATION_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_SCOPES",
        ):  # fmt: skip
            monkeypatch.setenv(name, "made-up")
        door = SlackDoor(SECRET, Desk(car_park.concierge, SlackMarkup()))
        assert answer(door(signed(command("add")), command("add").encode()))["text"]
        assert door(signed("ssl_check=1"), b"ssl_check=1")[0] == 200


class TestFaults:
    """Outside failures, in words."""

    def test_store_down(self, knock: Knock, car_park: World) -> None:
        """The driver hears that nothing was changed, alone."""
        car_park.store.down = True
        reply = answer(knock(command("add")))
        assert "I can't reach my notes right now, nothing was changed" in reply["text"]
        assert reply["response_type"] == "ephemeral"

    def test_busy(self, knock: Knock, car_park: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Losing every race, too."""
        monkeypatch.setattr("chalicelib.concierge.RETRY_FOR", -1.0)

        def stale(*_: object) -> Site:
            raise StaleSite

        monkeypatch.setattr(car_park.store, "save", stale)
        assert "nothing was changed" in answer(knock(command("add")))["text"]

    def test_newer(self, knock: Knock, car_park: World) -> None:
        """Notes of a newer program are left alone."""
        version, at, _ = car_park.store.bodies["hq"]
        newer = (version, at, b"\xfaof tomorrow")
        car_park.store.bodies["hq"] = newer
        assert "newer version" in answer(knock(command("add")))["text"]
        assert car_park.store.bodies["hq"] == newer

    def test_removed(self, knock: Knock, car_park: World) -> None:
        """A site that was removed a moment ago is no site any more."""
        answer(knock(command("help")))
        car_park.store.delete("hq")
        assert "no charging site" in answer(knock(command("add")))["text"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said at once to who clicked."""
    words: list[str] = []

    def respond(url: str, said: dict[str, Any], **_: object) -> None:
        assert url == HOOK
        words.append(said["text"])

    monkeypatch.setattr(slack, "respond", respond)
    return words


class TestClicks:
    """What people press."""

    @pytest.fixture(autouse=True)
    def _called(self, car_park: World) -> None:
        car_park.ask(ANA, Add())
        car_park.ask(BOB, Add())
        car_park.free_ports()

    def turn(self, car_park: World, driver: str = ANA) -> int:
        entry = next(entry for entry in car_park.site().queue if entry.driver == driver)
        assert entry.turn is not None
        return entry.turn.id

    def test_on_my_way(self, knock: Knock, car_park: World) -> None:
        """The click is done in one load and one save; the answer waits to be delivered."""
        car_park.store.take_calls()
        turn = self.turn(car_park)
        knock(click("on_my_way", f"hq:{turn}"))
        assert car_park.store.take_calls() == ["load", "save"]
        assert any(p.to == f"slack:T0HQ:{HOOK}#replace" for p in car_park.site().outbox)

    def test_the_reply_is_empty(self, knock: Knock, car_park: World) -> None:
        """Nobody would see words in the HTTP reply to a click."""
        status, _, body = knock(click("on_my_way", f"hq:{self.turn(car_park)}"))
        assert (status, body) == (200, "")

    def test_replayed(self, knock: Knock, car_park: World) -> None:
        """The same click again changes nothing."""
        body = click("pass", f"hq:{self.turn(car_park)}")
        knock(body)
        before = car_park.site()
        assert knock(body)[0] == 200
        assert car_park.site() == before

    def test_in_the_channel(self, knock: Knock, car_park: World) -> None:
        """A button in a channel post is answered beside it: others see that post, too."""
        body = click("on_my_way", f"hq:{self.turn(car_park)}", channel={"id": "C0EV"})
        knock(body)
        assert any(p.to.endswith("#whisper") for p in car_park.site().outbox)

    def test_others_turn(self, knock: Knock, car_park: World) -> None:
        """Nobody presses for somebody else."""
        turn = self.turn(car_park, BOB)
        before = car_park.site()
        knock(click("leave", f"hq:{turn}"))
        assert car_park.site().queue == before.queue

    @pytest.mark.parametrize(
        ("action", "value"),
        [
            ("fly", "hq:1"),
            ("pass", ""),
            ("pass", "hq"),
            ("pass", "hq:x"),
            ("pass", ":1"),
            ("pass", "hq:²"),
            ("pass", "nowhere:1"),
            ("pass", "hq:-1"),
            ("pass", "HQ\x00:1"),
        ],
    )
    def test_strange_buttons(
        self, knock: Knock, car_park: World, told: list[str], action: str, value: str
    ) -> None:
        """A button that isn't ours is answered kindly, at once."""
        before = car_park.site()
        assert knock(click(action, value))[0] == 200
        assert len(told) == 1
        assert car_park.site() == before

    def test_store_down(self, knock: Knock, car_park: World, told: list[str]) -> None:
        """With no notes to wait in, the words are said at once."""
        turn = self.turn(car_park)
        car_park.store.down = True
        assert knock(click("pass", f"hq:{turn}"))[0] == 200
        assert "nothing was changed" in told[0]


STRANGE: list[dict[str, object]] = [
    {"user": None},
    {"user": "U0ANA"},
    {"user": {"id": 5}},
    {"user": {"id": "U0ANA\n"}},
    {"user": {"id": "U0ANA", "username": ["x"]}},
    {"team": None},
    {"team": {"id": "T:0"}},
    {"actions": []},
    {"actions": {}},
    {"actions": ["pass"]},
    {"actions": [{"action_id": 1}]},
    {"actions": [{"action_id": "pass", "value": 5}]},
    {"channel": "C0EV"},
    {"channel": {}},
    {"container": []},
    {"response_url": None},
    {"response_url": "file:///etc/passwd"},
    {"response_url": "https://a b"},
    {"trigger_id": {}},
]


class TestMalformed:
    """Signed, and not what Slack's documents say: 400, and why."""

    @pytest.mark.parametrize("part", STRANGE, ids=str)
    def test_clicks(self, knock: Knock, car_park: World, part: dict[str, object]) -> None:
        """A click of another shape is refused with a short reason."""
        status, _, reason = knock(click("pass", "hq:1", **part))
        assert status == 400
        assert 0 < len(reason) < 200
        assert car_park.store.calls == []

    @pytest.mark.parametrize("field", ["team_id", "user_id", "channel_id"])
    @pytest.mark.parametrize("value", ["", "U:1", "u0ana", "x" * 100, "<!channel>", "U0\u0000"])
    def test_commands(self, knock: Knock, field: str, value: str) -> None:
        """An id that isn't one is refused."""
        assert knock(command("add", **{field: value}))[0] == 400

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "null",
            "[]",
            "{",
            '"add"',
            "{}",
            '{"type": 5}',
            '{"type": "block_actions"}',
            '{"type": ["x"]}',
            '{"command": 5}',
            '{"command": "/ev", "team_id": {"a": 1}}',
            '{"type": "event_callback", "event": []}',
            '{"type": "event_callback", "event": {}}',
            '{"type": "view_submission"}',
            '{"type": "url_verification"}',
            "[" * 100_000,
            '{"a":' * 50_000,
            '{"type": "event_callback", "event": {"type": "\\ud800"}}',
            json.dumps({"type": "event_callback", "event": {"type": "x"}})[:-1],
            "1" * 5_000,
        ],
    )
    def test_bodies(self, knock: Knock, body: str) -> None:
        """JSON of any other shape is refused, as JSON and as a form's payload."""
        assert knock(body, JSON)[0] == 400
        assert knock(urlencode({"payload": body}))[0] == 400

    def test_a_lone_surrogate(self, knock: Knock, car_park: World) -> None:
        """Half a character in JSON could never be saved."""
        body = click("pass", "hq:1").replace("%22ana%22", "%22%5Cud800%22")
        assert "%5Cud800" in body
        assert knock(body)[0] == 400


class TestOverheard:
    """Plain messages: `ev add` in a channel as in 2016, and whatever is said to us alone."""

    @staticmethod
    def event(text: str, channel: str = "C0EV", **more: object) -> str:
        """A message event (Slack docs: events/message.channels, message.im)."""
        message = {"type": "message", "user": "U0ANA", "channel": channel, "text": text, **more}
        return json.dumps(
            {"type": "event_callback", "team_id": "T0HQ", "event_id": "Ev1", "event": message}
        )

    def test_bare_ev_add(self, knock: Knock, car_park: World) -> None:
        """It is done once however often Slack sends it, and answered in the channel."""
        for _ in range(3):
            assert knock(self.event("ev add"), JSON)[0] == 200
        car_park.concierge.deliver("hq")
        added = [to for to, effect, _ in car_park.messenger.sent if isinstance(effect, say.Added)]
        assert added == ["slack:T0HQ:C0EV"]
        assert len(car_park.site().queue) == 1

    def test_a_private_answer(self, knock: Knock, car_park: World) -> None:
        """What concerns the asker alone goes to the asker alone."""
        knock(self.event("ev list"), JSON)
        car_park.concierge.deliver("hq")
        assert [to for to, _, _ in car_park.messenger.sent] == ["slack:T0HQ:U0ANA"]

    @pytest.mark.parametrize(
        "more",
        [
            {"bot_id": "B1"},
            {"subtype": "message_changed"},
            {"user": ""},
            {"user": {"id": "U0ANA"}, "type": "team_join"},
            {"channel": {"id": "C"}},
            {"text": None},
        ],
    )
    def test_not_a_persons_words(
        self, more: dict[str, object], knock: Knock, car_park: World
    ) -> None:
        """Bots, edits and what isn't a message of a person are acknowledged, and nothing else."""
        body = json.loads(self.event("ev add"))
        body["event"].update(more)
        assert knock(json.dumps(body), JSON)[0] == 200
        assert not car_park.site().queue

    def test_small_talk_in_the_channel(self, knock: Knock, car_park: World) -> None:
        """People talk; only what begins with `ev` is for us."""
        knock(self.event("every charger is taken"), JSON)
        assert not car_park.site().outbox

    @pytest.mark.parametrize("fault", ["down", "newer"])
    def test_later(self, knock: Knock, car_park: World, fault: str) -> None:
        """While nothing can be noted down, Slack is asked to send the event again."""
        bodies = car_park.store.bodies
        car_park.store.down = fault == "down"
        if fault == "newer":
            car_park.store.bodies = {"hq": (1, None, b"\xfaof tomorrow")}
        assert knock(self.event("ev add"), JSON)[0] == 503
        car_park.store.down, car_park.store.bodies = False, bodies
        assert knock(self.event("ev add"), JSON, x_slack_retry_num="1")[0] == 200
        assert len(car_park.site().queue) == 1

    def test_a_direct_message(self, knock: Knock, car_park: World) -> None:
        """Said to us alone, `add` means the one car park of the workspace."""
        knock(self.event("add", channel="D0ANA"), JSON)
        assert len(car_park.site().queue) == 1
