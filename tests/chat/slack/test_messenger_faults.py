"""Slack's messenger when Slack is slow, down, or talks nonsense: no crash, and later again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from chalicelib.chat.slack import messenger as slack_messenger
from chalicelib.chat.slack.errors import retry_after
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.probe import ProbeFailed, probe
from chalicelib.chat.slack.tokens import OneToken
from chalicelib.edges import MessageRefused, MessengerUnavailable
from practice import server
from tests.chat.slack.messenger_kit import ANA, CALL, CHANNEL, POST, attempt, send
from tests.practice_world import TOKEN, World


class TestFaults:
    @pytest.mark.parametrize(
        ("to", "reason"),
        [("slack:T0HQ:C0NOWHERE", "channel_not_found"), ("slack:T0HQ:U0NOBODY", "user_not_found")],
    )
    def test_nobody_there(self, slack: SlackMessenger, to: str, reason: str) -> None:
        """Who isn't there won't be: refused for good, in Slack's word."""
        with pytest.raises(MessageRefused) as raised:
            send(slack, to, POST)
        assert raised.value.reason in (reason, "channel_not_found")

    def test_archived(self, world: World, slack: SlackMessenger) -> None:
        """An archived channel takes no messages."""
        world.slack.workspace.archived = True
        with pytest.raises(MessageRefused, match="is_archived"):
            send(slack, CHANNEL, POST)

    def test_a_person_who_left(self, world: World, slack: SlackMessenger) -> None:
        """Nor does somebody whose account is closed."""
        world.slack.workspace.refusing["U0ANA"] = "user_disabled"
        with pytest.raises(MessageRefused, match="user_disabled"):
            send(slack, ANA, CALL)

    def test_too_fast(self, world: World, slack: SlackMessenger) -> None:
        """429 says for how long to wait."""
        send(slack, CHANNEL, POST)
        with pytest.raises(MessengerUnavailable) as raised:
            send(slack, CHANNEL, POST)
        assert raised.value.retry_after is not None
        assert timedelta(0) < raised.value.retry_after <= timedelta(seconds=60)

    @pytest.mark.parametrize("how", ["500", "internal_error", "fatal_error", "ratelimited"])
    def test_slacks_trouble(self, world: World, slack: SlackMessenger, how: str) -> None:
        """What is Slack's trouble is tried again, and then works."""
        world.slack.api.fail(1, how)
        with pytest.raises(MessengerUnavailable):
            send(slack, CHANNEL, POST)
        assert send(slack, CHANNEL, POST)

    def test_a_lost_answer(
        self, world: World, slack: SlackMessenger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No answer in time: the message is tried again, and may be there twice."""
        monkeypatch.setattr(slack_messenger, "TIMEOUT", 1)
        impatient = SlackMessenger(OneToken(TOKEN), f"{world.url}/api/")
        world.slack.api.fail(1, "lost")
        with pytest.raises(MessengerUnavailable):
            send(impatient, CHANNEL, POST)
        world.clock.advance(2)
        send(impatient, CHANNEL, POST)
        assert len(world.messages()) == 2

    @pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
    def test_a_revoked_token(self, world: World, slack: SlackMessenger, error: str) -> None:
        """A token can be repaired: the message keeps."""
        world.slack.api.revoke(error)
        with pytest.raises(MessengerUnavailable, match=error):
            send(slack, CHANNEL, POST)

    def test_a_wrong_token(self, world: World) -> None:
        """So can a wrong one."""
        with pytest.raises(MessengerUnavailable, match="invalid_auth"):
            send(SlackMessenger(OneToken("xoxb-wrong"), f"{world.url}/api/"), CHANNEL, POST)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://no.such.host.invalid/api"])
    def test_nobody_answers(self, url: str) -> None:
        """Slack out of reach is no bug."""
        with pytest.raises(MessengerUnavailable, match="can't be reached"):
            send(SlackMessenger(OneToken(TOKEN), url), CHANNEL, POST)


RUBBISH = [
    b"", b"<html>Bad gateway</html>", b"[]", b"null", b"5", b'"ok"', b"{}", b'{"ok": true}',
    b"\xff\xfe", b'{"ok": "yes", "channel": {}}', b'{"ok": false}', b'{"ok": false, "error": 5}',
]  # fmt: skip


@pytest.fixture(scope="module")
def rubbish() -> Iterator[tuple[list[object], str]]:
    """An address that answers whatever is in the list: status, content type, body."""
    answers: list[object] = ["200 OK", "application/json", b""]

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read()
        status, kind, body = answers
        start(str(status), [("Content-Type", str(kind)), ("Retry-After", "soon")])
        assert isinstance(body, bytes)
        return [body]

    with server.serving(app, server.listen(0), threads=1) as url:
        yield answers, url


class TestRubbish:
    """Slack, or something in between, answers nonsense: a fault, never a crash."""

    @pytest.mark.parametrize("kind", ["application/json", "text/html; charset=none-such"])
    @pytest.mark.parametrize("status", ["200 OK", "400 Bad", "429 Slow", "502 Bad Gateway"])
    @pytest.mark.parametrize("body", RUBBISH)
    @pytest.mark.parametrize("edits", [None, "C0EV/1.2"])
    def test_posts(
        self,
        rubbish: tuple[list[object], str],
        body: bytes,
        status: str,
        kind: str,
        edits: str | None,
    ) -> None:
        """Posts and edits."""
        answers, url = rubbish
        answers[:] = [status, kind, body]
        messenger = SlackMessenger(OneToken(TOKEN), f"{url}/")
        outcome = attempt(messenger, CHANNEL, POST, edits)
        if edits is None or b'"ok": ' not in body or b"false" in body or status != "200 OK":
            assert isinstance(outcome, MessengerUnavailable)
        else:
            assert outcome == edits or isinstance(outcome, MessengerUnavailable)

    @pytest.mark.parametrize("status", ["200 OK", "429 Slow", "502 Bad Gateway"])
    @pytest.mark.parametrize("body", RUBBISH)
    def test_a_check_up(self, rubbish: tuple[list[object], str], body: bytes, status: str) -> None:
        """The doctor says so, and repeats none of it."""
        answers, url = rubbish
        answers[:] = [status, "application/json", body]
        with pytest.raises(ProbeFailed, match=r"^what answers there is not Slack$"):
            probe(TOKEN, f"{url}/")

    @pytest.mark.parametrize("status", ["200 OK", "404 Gone", "429 Slow", "502 Bad Gateway"])
    @pytest.mark.parametrize("body", RUBBISH)
    def test_clicks(self, rubbish: tuple[list[object], str], body: bytes, status: str) -> None:
        """Answers to clicks."""
        answers, url = rubbish
        answers[:] = [status, "text/plain", body]
        messenger = SlackMessenger(OneToken(TOKEN), f"{url}/")
        try:
            assert send(messenger, f"slack:T0HQ:{url}/hook#whisper", CALL) == ""
        except MessengerUnavailable:
            assert status[0] in "45"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after": ["7"]}, 7),
        ({"Retry-After": "1e9"}, 60),
        ({"Retry-After": "²"}, 60),
        ({"Retry-After": "-5"}, 60),
        ({"Retry-After": "999999"}, 3600),
        ({}, 60),
    ],
)
def test_retry_after(headers: dict[str, object], seconds: int) -> None:
    """Slack's seconds, within reason; a minute when it doesn't say."""
    assert retry_after(headers) == timedelta(seconds=seconds)
