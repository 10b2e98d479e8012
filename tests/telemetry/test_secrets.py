"""No secret, text, mail address or signature ever gets into the log, whatever goes wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib import wiring
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.tokens import OneToken
from chalicelib.concierge import Concierge
from chalicelib.core.inputs import Add
from chalicelib.edges import MessageRefused, StoreUnavailable
from chalicelib.settings import FORMS, read
from chalicelib.telemetry.entry import Bug, watched
from tests.bot.listener.test_wsgi import call
from tests.chat.slack.kit import click, command, signed
from tests.fakes import ANA, FakeMessenger, World, world
from tests.telemetry.kit import Read, logging_as

SECRETS = {
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_BOT_TOKEN": "xoxb-71-bot-token",
    "MATTERMOST_COMMAND_TOKEN": "mm-command-token",
    "MATTERMOST_BOT_TOKEN": "mm-bot-token",
    "CHARGEPOINT_API_KEY": "cp-api-key",
    "CHARGEPOINT_API_PASSWORD": "cp-password",
}
TEXT = "behind the green door"
MAIL = "ana.somebody@example.com"
HOOK = "http://127.0.0.1:9/actions/T0HQ/71/hook-secret"  # nobody listens there
PRIVATE = [*SECRETS.values(), TEXT, "green", MAIL, "ana.somebody", "hook-secret", "actions/T0HQ"]


@dataclass
class Stage:
    """The whole app in this process, with a log in one form."""

    world: World
    read: Read
    signatures: list[str]

    def knock(self, body: str, *, forged: bool = False, **headers: str) -> int:
        found = signed(body, **headers)
        self.signatures.append(found["X-Slack-Signature"].removeprefix("v0="))
        if forged:
            found["X-Slack-Signature"] = found["X-Slack-Signature"][:-6] + "000000"
        environ = {f"HTTP_{name.upper().replace('-', '_')}": one for name, one in found.items()}
        kind = environ.pop("HTTP_CONTENT_TYPE")
        return call(app, "POST", "/slack/events", body.encode(), kind, **environ).status

    def say(self, text: str, **more: str) -> int:
        return self.knock(command(text, response_url=HOOK, user_name=MAIL, **more))

    def check(self) -> str:
        """What was written, none of it private."""
        text = self.read()
        for one in [*PRIVATE, *self.signatures]:
            assert one not in text
        return text


@pytest.fixture(params=FORMS)
def stage(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    settings = read({**SECRETS, "MATTERMOST_URL": "http://127.0.0.1:9"})
    hall = world()
    slack = SlackMessenger(OneToken(settings.slack_bot_token), "http://127.0.0.1:9/api/")
    hall.concierge.messengers = {"slack": slack}
    wiring.use(wiring.open_endpoints(settings, hall.concierge))
    with logging_as(request.param, capfd) as lines:
        wiring.see_inside(settings)
        yield Stage(hall, lines, [])
    wiring.use(None)


def test_commands(stage: Stage) -> None:
    """What people type, press and are called."""
    for text in ("add", TEXT, f"suspend until {TEXT}", f"set note {TEXT}", f"grant <@U0|{MAIL}>"):
        assert stage.say(text) == 200
        assert stage.say(text, user_id="U0BOSS") == 200
    assert stage.check().count("command") >= 10


def test_forged(stage: Stage) -> None:
    """Bad signatures, old ones, and what can't be read though it is signed."""
    assert stage.knock(command(TEXT), forged=True) == 401
    assert stage.knock(command(TEXT), at="1531420618") == 401
    assert stage.knock(urlencode({"payload": f'{{"text": "{TEXT}"'})) == 400
    assert stage.knock(urlencode({"command": TEXT, "text": MAIL})) == 400
    assert stage.knock(f'{{"type": "{TEXT}"}}', kind="application/json") == 400
    token = {"HTTP_AUTHORIZATION": f"Token {TEXT}"}
    form = "application/x-www-form-urlencoded"
    body = urlencode({"text": TEXT, "token": "mm-command-token"}).encode()
    assert call(app, "POST", "/mattermost/command", body, form, **token).status == 401
    assert stage.check().count("refused") >= 5


def test_a_click_that_cant_be_answered(stage: Stage) -> None:
    """The address of an answer is a secret of its own, while it waits and when it is given up."""
    assert stage.knock(click("leave", "hq:1", response_url=HOOK)) == 200
    stage.world.concierge.deliver("hq")
    stage.world.concierge.messengers = {}
    stage.world.clock.advance(minutes=5)
    stage.world.concierge.deliver("hq")
    text = stage.check()
    assert "slack: who clicked: not now" in text
    assert "slack: who clicked takes no messages" in text


def test_messages_that_are_refused(stage: Stage) -> None:
    """Slack can't be reached, and then refuses: neither the message nor the token is told."""
    stage.world.ask(ANA, Add())
    stage.world.free_ports()
    stage.world.concierge.deliver("hq")
    refusing = FakeMessenger()
    refusing.broken = {ANA: MessageRefused("user_not_found")}
    stage.world.concierge.messengers = {"slack": refusing}
    stage.world.clock.advance(minutes=5)
    stage.world.concierge.deliver("hq")
    assert "user_not_found" in stage.check()


def test_an_outage_of_the_store(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is told in our words; its cause may quote what was to be saved."""

    def save(*_: object) -> None:
        try:
            int(f"{TEXT} {MAIL} {HOOK}")
        except ValueError as error:
            raise StoreUnavailable("the disk is full") from error

    monkeypatch.setattr(stage.world.store, "save", save)
    assert stage.say("add") == 200
    assert "the disk is full" in stage.check()


@pytest.mark.parametrize("error", [KeyError(TEXT), ValueError(MAIL, HOOK), RuntimeError("xoxb-71-bot-token")])  # fmt: skip
def test_bugs(stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """A bug's traceback names class and place, not what it choked on."""

    def handle(*_: object) -> None:
        raise error

    monkeypatch.setattr(Concierge, "handle", handle)
    assert stage.say(TEXT) == 500
    text = stage.check()
    assert type(error).__name__ in text
    assert "Caught exception for path /slack/events" in text
    assert "test_secrets.py" in text, "the traceback's places"


def test_a_bug_of_the_deliverer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stream's function raises has no words of its own."""

    def deliver(*_: object) -> None:
        raise KeyError(TEXT)

    monkeypatch.setattr(Concierge, "deliver", deliver)
    with pytest.raises(Bug) as caught:
        watched(object(), lambda _: wiring.endpoints().deliver(["hq"]))
    assert TEXT not in str(caught.value)
    assert "KeyError" in stage.check()


def test_a_thread_that_crashes(stage: Stage) -> None:
    """Python's own last words would quote the exception."""

    def crash() -> None:
        raise KeyError(TEXT)

    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()
    assert "KeyError" in stage.check()


def test_a_secret_by_itself(stage: Stage) -> None:
    """Whatever it looks like, each secret that is set is redacted out of any line."""
    for secret in SECRETS.values():
        logging.getLogger("bot.x").warning("here is %s", secret)
    assert stage.check().count("here is") == len(SECRETS)


def test_a_servers_bug(stage: Stage) -> None:
    """What a web server or a library logs of an exception is told no more of either."""
    try:
        int(TEXT)
    except ValueError:
        for name in ("waitress", "slack_bolt.App", "slack_sdk.web", "botocore", "asyncio"):
            logging.getLogger(name).exception("failed at %s for %s", HOOK, MAIL)
    assert stage.check().count("ValueError") >= 5


def test_a_line_that_cant_be_written(stage: Stage) -> None:
    """Python's logging would print what it could not log, with the exception at hand."""
    try:
        int(TEXT)
    except ValueError:
        logging.getLogger("bot.x").warning("%d miles", MAIL)
    assert stage.check() == ""


def test_settings_have_no_secret_that_the_log_doesnt_know() -> None:
    """Every setting that no repr shows is kept out of the log."""
    assert set(SECRETS.values()) <= set(read(SECRETS).secrets())
