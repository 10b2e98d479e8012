"""What a log shows of what went wrong, and what it never shows."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from chalice.app import Request, Response

from chalicelib import telemetry, wiring
from chalicelib.edges import MessageRefused
from chalicelib.settings import read as read_settings
from chalicelib.telemetry.entry import Bug, watched
from chalicelib.telemetry.lines import redacted
from tests.telemetry.kit import logging_as, objects

ROOT = Path(__file__).parents[2]


class TestEntry:
    """What Lambda calls."""

    def test_a_bug_loses_its_words(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Lambda writes down what a function raises: the class is all that it gets."""

        def proceed(_: object) -> None:
            raise KeyError("a private word")

        with logging_as("json", capfd) as read:
            with pytest.raises(Bug, match=r"^KeyError$") as caught:
                watched(object(), proceed)
            lines = objects(read())
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert [one["message"] for one in lines] == ["a bug", "wakeup"]
        assert {one["error"] for one in lines} == {"KeyError", "Bug"}

    def test_the_request_of_lambda(self, capfd: pytest.CaptureFixture[str]) -> None:
        """The id that Lambda gave is on the line, so that its own lines can be found."""

        class Context:
            aws_request_id = "8f5e-made-up"

        class Event:
            context = Context()

        def proceed(_: object) -> None:
            telemetry.annotate(site="hq")

        with logging_as("json", capfd) as read:
            watched(Event(), proceed)
            (line,) = objects(read())
        assert line["request"] == "8f5e-made-up"

    def test_no_answer(self, capfd: pytest.CaptureFixture[str]) -> None:
        """An answer from 500 on is worth a line."""
        with logging_as("json", capfd) as read:
            watched(object(), lambda _: Response("", status_code=404))
            watched(object(), lambda _: Response("later, please", status_code=503))
            (line,) = objects(read())
        assert line["status"] == 503

    @pytest.mark.parametrize(
        ("asked", "form"),
        [({}, "cloudwatch"), ({"EV_LOG": "text"}, "text"), ({"EV_LOG": "json"}, "json")],
    )
    def test_at_the_start(self, asked: dict[str, str], form: str) -> None:
        """On Lambda the first line is already in the form that was asked for, or CloudWatch's."""
        there = {"AWS_LAMBDA_FUNCTION_NAME": "x", "EV_HTTP": "no", "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, "-c", "import app"], cwd=ROOT, env={**there, **asked},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "not yet: " in done.stderr
        assert done.stderr.startswith("{") == (form != "text")
        assert read_settings({**there, **asked, "EV_HTTP": ""}).log == form

    def test_the_office(
        self,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        tmp_path: Path,
    ) -> None:
        """Whatever EV_TRACE says holds for the functions, and their secrets are hidden."""
        monkeypatch.setitem(sys.modules, "chalicelib.telemetry.otel", None)
        monkeypatch.setenv("EV_TRACE", "http://127.0.0.1:9/v1/traces")
        monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/ev.db")
        monkeypatch.setenv("MATTERMOST_BOT_TOKEN", "mm-bot-token")
        wiring.use(None)
        try:
            wiring.endpoints()
            assert redacted("mm-bot-token") == "…"
        finally:
            wiring.use(None)
            telemetry.hide(())
        assert "no traces" in caplog.text

    def test_kinds(self) -> None:
        """A POST is a command, anything else over HTTP a request."""
        from chalicelib.telemetry.entry import kind_of

        def request(method: str) -> Request:
            event = {
                "multiValueQueryStringParameters": None, "headers": {}, "pathParameters": None,
                "requestContext": {"httpMethod": method, "resourcePath": "/"}, "body": "",
                "stageVariables": None,
            }  # fmt: skip
            return Request(event)

        assert [kind_of(request(one)) for one in ("POST", "GET")] == ["command", "request"]
        assert kind_of(object()) == "wakeup"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("token xoxb-12-ab_C refused", "token … refused"),
        ("xapp-1-A0-2-ff", "…"),
        ("mail to ana.b+x@example.co.uk, now", "mail to …, now"),
        (
            "at https://hooks.slack.example/actions/T0/1/x now",
            "at https://hooks.slack.example/… now",
        ),
        ("Max retries exceeded with url: /actions/T0/1/x (", "Max retries exceeded with url: … ("),
        ("wss://wss.slack.example/link/?ticket=abc", "wss://wss.slack.example/…"),
        ("v0=a2114d57b48eac39b9ad189dd8316235", "…"),
        ("serving on http://127.0.0.1:8080", "serving on http://127.0.0.1:8080"),
        ("hq: ChargePoint: lost: no route", "hq: ChargePoint: lost: no route"),
        ("slack:T0HQ:U0ANA takes no messages", "slack:T0HQ:U0ANA takes no messages"),
    ],
)
def test_shapes(text: str, seen: str) -> None:
    """What looks like a secret is redacted out, and nothing else."""
    assert redacted(text) == seen


@pytest.mark.parametrize("part", ["a", "eyJ", "eyJ.", "a@", "://a", "a.b-"])
def test_a_long_line(part: str) -> None:
    """What somebody far away wrote at length is looked through in no time."""
    began = time.process_time()
    redacted(part * 30_000)
    assert time.process_time() - began < 1


def test_one_line_stays_one(capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody else's words begin a line of the log, or move the terminal's cursor."""
    with logging_as("text", capfd) as read:
        logging.getLogger("bot").error(
            "it says %s", "no\r\n2026 INFO bot: all is \x1b[2Jwell\u2028"
        )
        lost = MessageRefused("no\n2026 INFO bot: well")
        logging.getLogger("bot").error("a bug", exc_info=lost)
        said = read()
    first, second, third, rest = said.split("\n")
    assert first.endswith("it says no  2026 INFO bot: all is  [2Jwell ")
    assert second.endswith("a bug")
    assert third == "MessageRefused: no 2026 INFO bot: well"
    assert not rest


def test_known_secrets() -> None:
    """A secret that is set is redacted out whatever it looks like; a very short one can't be."""
    telemetry.hide(["pass.word(1", "", "abc"])
    try:
        assert redacted("pass.word(1 passxword(1 abc") == "… passxword(1 abc"
    finally:
        telemetry.hide(())
