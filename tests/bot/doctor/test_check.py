"""`python -m bot check`: what it finds, what it advises, and that it keeps our secrets."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.doctor import check
from chalicelib import settings as reading
from chalicelib.clock import SystemClock
from chalicelib.core.model import Policy
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from tests.bot.doctor.kit import (
    APP_TOKEN,
    DAVE,
    KEY,
    ROOT,
    Clinic,
    assert_discreet,
    clinic,
    lines,
    rename,
)


def test_all_is_well(tmp_path: Path) -> None:
    """Every line is ok and the exit code 0, the feed and its subscription included."""
    with clinic(tmp_path, feed=True) as here:
        here.network.fault_config.alarms = ()
        first = run(here)
        assert lines(first.stdout, "warning") == [
            "warning  event feed: not subscribed yet — `python -m bot run` does it when it starts"
        ]
        subscribe(here)
        done = run(here)
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}
    for what in ("settings:", "store:", "Slack, coming in: commands", "Slack, going out: we are", "clock:", "web:", "hq: 2 stations, 4 ports", "lets us in", "event feed: subscribed"):  # fmt: skip
        assert what in done.stdout
    assert_discreet(done.stdout + done.stderr)


def run(here: Clinic) -> subprocess.CompletedProcess[str]:
    """The command itself, in a process of its own."""
    return subprocess.run([sys.executable, "-m", "bot", "check"], cwd=ROOT, env={**os.environ, **here.environ}, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def subscribe(here: Clinic) -> None:
    """As the listener does when it starts."""
    from bot.listener.run import client_of
    from bot.networks.chargepoint.subscription import Subscription
    from chalicelib import wiring

    settings = reading.read(here.environ)
    client = client_of(settings, SystemClock())
    account = f"{settings.chargepoint_url} {KEY}"
    Subscription(client, wiring.records_of(settings), account).turn()


def test_one_site_that_cant_be_read(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """It has a line of its own, and the others are looked at all the same."""
    path = ours.environ["EV_STORE"].removeprefix("sqlite:")
    with sqlite3.connect(path) as medium:
        medium.execute("INSERT INTO sites (site_id, version, body) VALUES ('bad', 1, x'ff')")
    medium.close()
    code, said = ours.check(capsys)
    assert code == 1
    (line,) = lines(said, "failed")
    assert "store: bad: " in line
    assert "we are in its Slack channel C0EV" in said


def test_the_policy(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """By what the site goes, where that is not as shipped."""
    assert "ok       hq: policy: as shipped" in ours.check(capsys)[1]
    policy = Policy(answer=timedelta(minutes=20), opens=time(5, 30))
    rename(policy=policy)(ours)  # type: ignore[arg-type]  # another field
    expected = "policy: answer=20m (shipped: 15m), opens=05:30 (shipped: 06:00)"
    assert expected in ours.check(capsys)[1]


def test_it_makes_no_file(
    ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store that isn't there yet is told of, and is not there afterwards either."""
    path = tmp_path / "fresh.db"
    code, said = ours.check(capsys, EV_STORE=f"sqlite:{path}", HIPCHAT_ALLOWED_HOSTS="127.0.0.1", PUBLIC_URL="https://ev.example")  # fmt: skip
    assert code == 0, said
    assert f"sqlite:{path} isn't there yet, so no site yet — python -m bot site add --help" in said
    assert list(tmp_path.glob("fresh*")) == []


@pytest.mark.parametrize("command", ["check", "site list", "--help"])
def test_whoever_reads_has_enough(ours: Clinic, command: str) -> None:
    """A reader that closes the pipe, as `head` does, gets no traceback from us."""
    words = [sys.executable, "-m", "bot", *command.split()]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **ours.environ}, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False)  # fmt: skip
    os.close(writer)
    assert done.stderr == ""


def test_the_way_in(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """By Socket Mode neither an address nor the signing secret is missed."""
    code, said = ours.check(capsys)
    assert "ok       Slack, coming in: commands come to our address, /slack/events" in said
    code, said = ours.check(capsys, SLACK_APP_TOKEN=APP_TOKEN, EV_HTTP="", SLACK_SIGNING_SECRET="")
    assert code == 0
    assert "ok       Slack, coming in: commands come by Socket Mode" in said
    assert "ok       web: EV_HTTP is not set, and not needed" in said


def test_no_site_yet(ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh store is where everybody begins: a warning, with the command."""
    code, said = ours.check(capsys, EV_STORE=f"sqlite:{tmp_path / 'fresh.db'}")
    assert code == 0
    assert "no site yet — python -m bot site add --help" in said


def test_nobody_is_admin(ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A site that nobody can set right is worth a word."""
    store = SQLiteStore(str(tmp_path / "ev.db"))
    site = store.load("hq")
    assert site is not None
    assert site.admins == (DAVE,)
    store.save(replace(site, admins=()), None)
    assert "hq: nobody is its admin — python -m bot site set hq --admin" in ours.check(capsys)[1]


class Skewed(SystemClock):
    """A clock that nobody sets."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=7)


def test_a_clock_that_is_off(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """Slack's signatures are void after five minutes: a skewed clock would refuse everybody."""
    assert check.run(reading.read(ours.environ), Skewed()) == 1
    said = capsys.readouterr().out
    assert any("42" in line and "NTP" in line for line in lines(said, "failed")), said
