"""`POST /slack/events`: who is let in."""

from __future__ import annotations

import json
import logging
import time
from urllib.parse import urlencode

import pytest

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.webhook import SlackWebhook
from tests.chat.slack.kit import FORM, HOOK, JSON, SECRET, Knock, answer, click, command, signed
from tests.fakes import World

pytestmark = pytest.mark.usefixtures("no_network")


class TestProof:
    """Who is let in."""

    def test_the_documents_example(
        self, door: SlackWebhook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
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

    def test_another_body(self, door: SlackWebhook) -> None:
        """A signature holds for its own body only."""
        assert door(signed(command("remove")), command("add").encode())[0] == 401

    def test_any_case_of_headers(self, door: SlackWebhook) -> None:
        """Header names come in any case."""
        shouted = {name.upper(): value for name, value in signed(command("help")).items()}
        assert door(shouted, command("help").encode())[0] == 200

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"text=\x80", "ä".encode("latin-1")])
    def test_undecodable(self, knock: Knock, body: bytes) -> None:
        """What isn't UTF-8 is refused, signed or not."""
        assert knock(body)[0] == 400
        assert knock(body, X_Slack_Signature="v0=1")[0] in (400, 401)

    def test_nothing_is_logged(self, door: SlackWebhook, caplog: pytest.LogCaptureFixture) -> None:
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


def test_bolt_reads_no_settings_of_its_own(
    car_park: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt looks for tokens and OAuth in the environment; whatever it finds, we call nobody."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, f"ssm:/made-up/{name}")
    door = SlackWebhook(SECRET, CommandHandler(car_park.concierge, SlackMarkup()))
    body = command("help")
    assert "add" in answer(door(signed(body), body.encode()))["text"]
