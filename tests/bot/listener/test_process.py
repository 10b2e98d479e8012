"""The listener as a process: signals, settings, Socket Mode."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from chalicelib.core.model import Stations
from chalicelib.stores.sqlite import SQLiteStore
from practice import server
from practice.common.people import CHANNEL as SLACK_CHANNEL, WORKSPACE
from practice.slack.web import SlackWeb
from practice.slack.workspace_peer import Slack
from tests.fakes import FakeClock, site_of
from tests.waiting import within

ROOT = Path(__file__).parents[3]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`python -m bot run` in an environment of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(**environ: str) -> subprocess.Popen[str]:
        settings = {
            "EV_STORE": f"sqlite:{tmp_path}/ev.db",
            "EV_HTTP": "127.0.0.1:0",
            "SLACK_SIGNING_SECRET": "made-up",
            "SLACK_BOT_TOKEN": "xoxb-made-up",
            "SLACK_API_URL": "http://127.0.0.1:9/",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings, **environ},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def serving_at(process: subprocess.Popen[str]) -> str:
    """Where it says that it serves."""
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving on (http://\S+)", line):
            return found.group(1)
    raise AssertionError("it never served")


class TestProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it(self, start: Start, number: signal.Signals) -> None:
        """It serves, and ends when asked to: soon, quietly, with exit code 0."""
        process = start()
        url = serving_at(process)
        with urlopen(f"{url}/health", timeout=5) as answer:
            assert answer.status == 200
        began = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert time.monotonic() - began < 5
        assert "Traceback" not in said

    def test_a_taken_address(self, start: Start) -> None:
        """A taken EV_HTTP is named, with exit code 2."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            process = start(EV_HTTP=address)
            _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert f"EV_HTTP: can't serve on {address}: Address already in use" in said
        assert "Traceback" not in said

    def test_missing_settings(self, start: Start) -> None:
        """One message names every setting that is missing or malformed; exit code 2."""
        process = start(
            SLACK_SIGNING_SECRET="", SLACK_BOT_TOKEN="", EV_HTTP="x", CHARGEPOINT_API_KEY="k"
        )
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        for name in (
            "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "EV_HTTP", "CHARGEPOINT_API_PASSWORD",
        ):  # fmt: skip
            assert said.count(name) == 1
        assert "Traceback" not in said

    def test_stations_without_an_account(self, start: Start, tmp_path: Path) -> None:
        """Stations that nobody may look at are a setting that is missing."""
        SQLiteStore(f"{tmp_path}/ev.db").save(site_of(), None)
        process = start()
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "CHARGEPOINT_API_KEY is not set, and hq has stations to look at" in said


class TestSocketMode:
    """Slack without an address: `bot run` with an app-level token."""

    @pytest.fixture
    def slack(self) -> Iterator[Slack]:
        with ExitStack() as stack:
            listener = server.listen(0)
            url = server.address(listener)
            slack = Slack(FakeClock(), signing_secret="", bot_token="xoxb-made-up", app="", url=url, app_token="xapp-made-up")  # fmt: skip
            assert slack.sockets is not None
            stack.enter_context(slack.sockets)
            web = SlackWeb(slack)
            stack.enter_context(server.serving(lambda environ, start: web.api(environ["PATH_INFO"][5:], environ).send(start), listener, 4))  # fmt: skip
            yield slack

    @pytest.fixture
    def begin(self, start: Start, slack: Slack) -> Start:
        def begin(**environ: str) -> subprocess.Popen[str]:
            url = f"{slack._url}/api/"
            return start(**{"EV_HTTP": "", "SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-made-up", "SLACK_API_URL": url} | environ)  # fmt: skip

        return begin

    def test_no_address(self, begin: Start, slack: Slack, tmp_path: Path) -> None:
        """No signing secret and no EV_HTTP: commands are answered, and it ends within two seconds."""
        channel, store = f"slack:{WORKSPACE}:{SLACK_CHANNEL}", SQLiteStore(f"{tmp_path}/ev.db")
        store.save(site_of(channel, stations=Stations(manual=("1",))), None)
        store.bind(channel, "hq")
        process = begin()
        within(20, lambda: slack.sockets.lines)  # type: ignore[union-attr]  # it has some
        assert "Nobody is waiting" in slack.say("ana", "/ev list")["text"]
        assert slack.violations == []
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert time.monotonic() - began < 2
        assert process.returncode == 0
        assert "commands come in from Slack by Socket Mode" in said
        assert "WARNING" not in said
        assert "made-up" not in said

    def test_both_ways(self, begin: Start, slack: Slack) -> None:
        """With EV_HTTP and the signing secret beside it, both ways are open."""
        process = begin(EV_HTTP="127.0.0.1:0", SLACK_SIGNING_SECRET="made-up")
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{serving_at(process)}/slack/events", b"{}", timeout=5)
        within(10, lambda: slack.sockets.lines)  # type: ignore[union-attr]  # it has some

    def test_a_refused_token(self, begin: Start, slack: Slack) -> None:
        """A token that Slack refuses stops nothing else, and is told in one line."""
        process = begin(SLACK_APP_TOKEN="xapp-another", EV_HTTP="127.0.0.1:0")
        url = serving_at(process)
        within(10, lambda: slack.sockets.calls)  # type: ignore[union-attr]  # it has some
        with urlopen(f"{url}/health", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert said.count("Slack refuses SLACK_APP_TOKEN: invalid_auth") == 1

    def test_the_bot_s_token(self, begin: Start) -> None:
        """It can't speak by the app's token alone."""
        process = begin(SLACK_BOT_TOKEN="")
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "SLACK_BOT_TOKEN is not set" in said
        assert "SIGNING" not in said


SIGNALS = """
import os, signal, threading, time
from bot.listener.run import Supervisor
supervisor = Supervisor()
signal.signal(signal.SIGINT, supervisor.on_signal)
signal.signal(signal.SIGTERM, supervisor.on_signal)
for number in range(20):
    supervisor.spawn(str(number), lambda: 60.0, threading.Event())

def pester():
    print("ready", flush=True)
    for _ in range(300):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=pester, daemon=True).start()
supervisor.wait()
"""


def test_many_signals_at_once() -> None:
    """Ctrl-C comes to a whole group, which then ends its children by another: none gets stuck."""
    for _ in range(5):
        command = [sys.executable, "-c", SIGNALS]
        done = subprocess.run(command, cwd=ROOT, timeout=20, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-500:]
