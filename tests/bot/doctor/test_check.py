"""`python -m bot check`: what it finds, what it advises, and that it keeps our secrets."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import __main__ as command_line
from bot.doctor import chargepoint, check
from bot.doctor.result import Patient
from chalicelib import settings as reading
from chalicelib.clock import SystemClock
from chalicelib.core.model import Policy, Stations
from chalicelib.edges import NetworkUnavailable
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from practice import server
from practice.carpark import CarPark
from practice.chargepoint.asked import Trouble
from practice.chargepoint.event_feed import opened
from practice.chargepoint.service import StandIn, make_app
from practice.common.clock import ClockControl
from practice.common.people import ADMIN, GROUP, WORKSPACE
from practice.slack.workspace import BOT_USER
from practice.slack.workspace_peer import Slack
from practice.world import MONDAY
from tests.bot.networks.chargepoint.feed_kit import need_prosody
from tests.fakes import site_of

KEY, PASSWORD = "0123456789abcdef", "a-made-up-password"
SECRET, TOKEN = "a-made-up-signing-secret", "xoxb-made-up"
APP_TOKEN = "xapp-made-up"
DAVE = f"slack:{WORKSPACE}:{ADMIN.slack_id}"
SECRETS = (KEY, PASSWORD, SECRET, TOKEN, APP_TOKEN)
ROOT = Path(__file__).parents[3]


@dataclass
class Clinic:
    """The stand-ins, without a listener, and the settings that lead there."""

    slack: Slack
    network: StandIn
    carpark: CarPark
    environ: dict[str, str]

    def check(self, capsys: pytest.CaptureFixture[str], **environ: str) -> tuple[int, str]:
        """The exit code, and what it said, which holds no secret."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.environ, **environ}.items():
                patch.setenv(name, value)
            code = command_line.main(["check"])
        said = "".join(capsys.readouterr())
        assert_discreet(said, *environ.values())
        return code, said


def assert_discreet(said: str, *given: str) -> None:
    """Nothing that opens a door is in it, nor a part of one."""
    for secret in (*SECRETS, *(one for one in given if one.startswith("wrong-"))):
        assert secret not in said
    assert "Traceback" not in said


@contextmanager
def clinic(folder: Path, *, feed: bool = False) -> Iterator[Clinic]:
    with ExitStack() as stack:
        clock = ClockControl(folder / "clock", 1.0, MONDAY)
        carpark, listener = CarPark(clock), server.listen(0)
        url = server.address(listener)
        slack = Slack(clock, signing_secret=SECRET, bot_token=TOKEN, app=url, url=url, app_token=APP_TOKEN)  # fmt: skip
        network = make_app(carpark, KEY, PASSWORD)
        pages = server.build(slack=slack, carpark=carpark, clock=clock, chargepoint=network, line=list)  # fmt: skip
        stack.enter_context(server.serving(pages, listener))
        environ = {
            "EV_STORE": f"sqlite:{folder / 'ev.db'}",
            "EV_HTTP": "127.0.0.1:8080",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": f"{url}/api/",
            "CHARGEPOINT_API_KEY": KEY,
            "CHARGEPOINT_API_PASSWORD": PASSWORD,
            "CHARGEPOINT_URL": url,
            "CHARGEPOINT_XMPP": "off",
        }
        if feed:
            need_prosody()
            events = opened(carpark, network.subscriptions, KEY, PASSWORD)
            environ.update(stack.enter_context(events)[1])
        site = site_of(stations=Stations(group=GROUP), admins=(DAVE,))
        SQLiteStore(str(folder / "ev.db")).save(site, None)
        try:
            yield Clinic(slack, network, carpark, environ)
        finally:
            slack.api.over.set()


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Clinic]:
    with clinic(tmp_path) as here:
        yield here


def lines(said: str, level: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(level)]


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


Setup = Callable[[Clinic], Any]


def rename(**more: tuple[str, ...]) -> Setup:
    """Let the site name other channels or admins."""

    def setup(here: Clinic) -> None:
        store = SQLiteStore(here.environ["EV_STORE"].removeprefix("sqlite:"))
        site = store.load("hq")
        assert site is not None
        store.save(replace(site, **more), None)  # type: ignore[arg-type]  # fields of a site

    return setup


def blind(here: Clinic) -> None:
    """Without the scopes by which Slack shows channels."""
    here.slack.api.scopes -= {"channels:read", "groups:read"}


def both(*setups: Setup) -> Setup:
    return lambda here: [setup(here) for setup in setups]


FAILURES: dict[str, tuple[Setup, dict[str, str], str]] = {
    "a wrong key": (
        lambda _: None,
        {"CHARGEPOINT_API_KEY": "wrong-key"},
        "check the key, the password and the region",
    ),
    "a wrong password": (
        lambda _: None,
        {"CHARGEPOINT_API_PASSWORD": "wrong-password"},
        "check the key, the password and the region",
    ),
    "a wrong token": (
        lambda _: None,
        {"SLACK_BOT_TOKEN": "wrong-token"},
        "Slack says invalid_auth — check SLACK_BOT_TOKEN",
    ),
    "a revoked token": (
        lambda here: here.slack.api.revoke(),
        {},
        "Slack says token_revoked — check SLACK_BOT_TOKEN",
    ),
    "a missing scope": (
        lambda here: here.slack.api.scopes.discard("users:read"),
        {},
        "Slack's scopes: missing users:read — add them to the app, and install it again",
    ),
    "Slack out of reach": (
        lambda _: None,
        {"SLACK_API_URL": "http://127.0.0.1:9/api/"},
        "Slack can't be reached",
    ),
    "no token": (lambda _: None, {"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set — see"),
    "no signing secret": (
        lambda _: None,
        {"SLACK_SIGNING_SECRET": ""},
        "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is not set — see",
    ),
    "a wrong app token": (
        lambda _: None,
        {"SLACK_APP_TOKEN": "xapp-wrong"},
        "Slack refuses SLACK_APP_TOKEN: invalid_auth — it must be an app-level token",
    ),
    "Socket Mode switched off": (
        lambda here: setattr(here.slack.sockets, "enabled", False),
        {"SLACK_APP_TOKEN": APP_TOKEN},
        "Slack refuses SLACK_APP_TOKEN: forbidden_team",
    ),
    "Slack too busy for a socket": (
        lambda here: setattr(here.slack.sockets, "limit", 0),
        {"SLACK_APP_TOKEN": APP_TOKEN},
        "Slack, coming in: ratelimited — check the way out, and try again",
    ),
    "a channel that doesn't exist": (
        rename(channels=("slack:T0HQ:C0NONE",)),
        {},
        "hq: its Slack channel C0NONE: there is no such channel, or it is private and we",
    ),
    "one that doesn't exist, seen without scopes": (
        both(rename(channels=("slack:T0HQ:C0NONE",)), blind),
        {},
        "hq: its Slack channel C0NONE: there is no such channel",
    ),
    "a channel that nobody invited us to": (
        lambda here: here.slack.workspace.members.discard(BOT_USER),
        {},
        "hq: its Slack channel C0EV: we are not in it — /invite @concierge there",
    ),
    "an archived channel": (
        lambda here: setattr(here.slack.workspace, "archived", True),
        {},
        "hq: its Slack channel C0EV: it is archived",
    ),
    "another workspace's channel": (
        rename(channels=("slack:T0OTHER:C0EV",)),
        {},
        "its channel C0EV is in another workspace, T0OTHER: SLACK_BOT_TOKEN is of T0HQ — python",
    ),
    "another workspace's admin": (
        rename(admins=(DAVE, "slack:T0OTHER:U0BOSS")),
        {},
        "hq: its admin U0BOSS is in another workspace, T0OTHER",
    ),
    "an unknown admin": (
        rename(admins=(DAVE, "slack:T0HQ:U0NOBODY")),
        {},
        "hq: its admin U0NOBODY: Slack knows nobody by that id — python -m bot site set hq --admin",
    ),
    "an admin who has left": (
        lambda here: here.slack.workspace.refusing.update({ADMIN.slack_id: "user_disabled"}),
        {},
        "has left the workspace — python -m bot site set hq --admin",
    ),
    "an admin where we don't speak": (
        rename(admins=(DAVE, "mattermost:mm.example:x")),
        {},
        "hq: its admin mattermost:mm.example:x is where we don't speak — python",
    ),
    "a station group that is empty": (
        lambda here: setattr(here.carpark, "ports", list),
        {},
        "group 1234 has no station that this API key may see",
    ),
    "a missing store": (
        lambda _: None,
        {"EV_STORE": "sqlite:/no/such/folder/ev.db"},
        "there is no folder /no/such/folder — make it, or check EV_STORE",
    ),
    "no account": (
        lambda _: None,
        {"CHARGEPOINT_API_KEY": "", "CHARGEPOINT_API_PASSWORD": ""},
        "no account is set — set CHARGEPOINT_API_KEY and CHARGEPOINT_API_PASSWORD",
    ),
    "ChargePoint out of reach": (
        lambda _: None,
        {"CHARGEPOINT_URL": "http://127.0.0.1:9"},
        "check CHARGEPOINT_URL and the way out",
    ),
    "rubbish": (
        lambda here: setattr(here.network.fault_config, "html", True),
        {},
        "check CHARGEPOINT_URL and the way out",
    ),
    "a plan without getStationStatus": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getStationStatus"})),
        {},
        "getStationStatus",
    ),
    "a feed out of reach": (
        lambda _: None,
        {"CHARGEPOINT_XMPP": "127.0.0.1:9"},
        "127.0.0.1:9: ",
    ),
    "a bad CA": (
        lambda _: None,
        {"CHARGEPOINT_XMPP": "127.0.0.1:9", "CHARGEPOINT_XMPP_CA": "/no/such/file"},
        "CHARGEPOINT_XMPP_CA: can't read /no/such/file",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails(ours: Clinic, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """One failed line that says what to do, everything else still looked at, exit code 1."""
    setup, environ, advice = FAILURES[name]
    setup(ours)
    code, said = ours.check(capsys, **environ)
    assert code == 1, said
    failed = lines(said, "failed")
    assert len(failed) == 1, said
    assert advice in failed[0]
    assert " — " in failed[0] or name == "a bad CA", failed[0]
    assert "settings:" in said
    assert "web:" in said


def test_a_refused_login_at_the_feed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that ChargePoint takes and the feed doesn't."""
    with clinic(tmp_path, feed=True) as here:
        here.network._password = "wrong-at-the-feed"
        code, said = here.check(capsys, CHARGEPOINT_API_PASSWORD="wrong-at-the-feed")
    assert code == 1
    assert [line for line in lines(said, "failed") if "the login was refused" in line], said


def test_a_feed_with_an_unknown_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever vouches for nobody we know gets no password."""
    with clinic(tmp_path, feed=True) as here:
        code, said = here.check(capsys, CHARGEPOINT_XMPP_CA="")
    assert code == 1
    assert "certificate" in lines(said, "failed")[0]


Warned = tuple[Setup, dict[str, str], str]
WARNINGS: dict[str, Warned] = {
    "a plan without getLoad": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getLoad"})),
        {},
        "no power and no drivers seen (getLoad, API 5.1)",
    ),
    "a plan without alarms": (
        lambda here: setattr(
            here.network.fault_config, "denied", frozenset({"getAlarms", "getStationActiveFaults"})
        ),
        {},
        "ChargePoint's plan: not allowed: hq: alarms (getAlarms)",
    ),
    "a plan without getUsers": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getUsers"})),
        {},
        "ChargePoint's plan: not allowed: drivers (getUsers)",
    ),
    "API 4.1": (
        lambda _: None,
        {"CHARGEPOINT_API_VERSION": "4.1"},
        "no drivers seen, and the power of whole stations only (getLoad, API 4.1)",
    ),
    "a channel that can't be looked at": (
        blind,
        {},
        "hq: its Slack channel C0EV can't be looked at: Slack says missing_scope — the scopes",
    ),
    "no web address": (lambda _: None, {"EV_HTTP": ""}, "EV_HTTP is not set"),
    "no feed": (lambda _: None, {}, "event feed: off: cars are noticed by polling alone"),
}


@pytest.mark.parametrize("status", [403, 429])
def test_a_network_that_keeps_us_out(
    ours: Clinic, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    """Where no call was answered, none is said to be, and we don't insist."""
    ours.network.fault_config.busy_status, ours.network.fault_config.busy_times = status, 1000
    code, said = ours.check(capsys)
    assert code == 1
    assert f"HTTP {status}: it wants to be asked less, or keeps us out" in said
    assert "is answered" not in said
    # One client looks, another sees to the feed.
    assert ours.network.fault_config.busy_times >= 1000 - 2


def test_one_call_that_fails(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that fails, for whatever reason, is not "every call is answered"."""
    for call in ("getAlarms", "getUsers", "getLoad"):
        ours.network.fault_config.troubled = frozenset({call})
        _, said = ours.check(capsys)
        assert call in said
        assert "is answered" not in said


@pytest.mark.parametrize("name", WARNINGS)
def test_what_only_lacks(ours: Clinic, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """What works with less gets a warning that says what is less, and exit code 0."""
    setup, environ, words = WARNINGS[name]
    setup(ours)
    code, said = ours.check(capsys, **environ)
    assert code == 0, said
    assert any(words in line for line in lines(said, "warning")), said


def test_what_was_never_answered(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """After a call that failed nothing is said to be well that only it could have told."""
    for environ in (
        {"CHARGEPOINT_URL": "http://127.0.0.1:9"},
        {"CHARGEPOINT_API_KEY": "wrong-key"},
    ):
        _, said = ours.check(capsys, **environ)
        assert "ChargePoint's plan" not in said
    ours.network.fault_config.denied = frozenset({"getUsers"})
    assert "every call that helps is answered" not in ours.check(capsys)[1]


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


def test_where_nobody_said_that_the_feed_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed's own host is our guess: that it isn't there is no failure of the operator's."""

    def call(_: reading.Settings) -> None:
        raise NetworkUnavailable("no such host")

    monkeypatch.setattr(chargepoint, "call_feed", call)
    settings = reading.Settings(chargepoint_api_key=KEY, chargepoint_api_password=PASSWORD)
    (found,) = chargepoint.check_feed(Patient(settings, SystemClock()))
    assert found.level == "warning"
    assert "no such host: cars are noticed by polling alone" in str(found)


def test_alarms_are_shown(ours: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    """What the network finds broken now is worth a line."""
    ours.network.fault_config.alarms = (
        Trouble("1:900001", "2", "Earth Leakage", MONDAY.astimezone(UTC)),
    )
    code, said = ours.check(capsys)
    assert code == 0
    assert "ChargePoint, hq: 1:900001/2: Earth Leakage since 2026-03-02 16:30Z" in said


def test_no_site_yet(ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh store is where everybody begins: a warning, with the command."""
    code, said = ours.check(capsys, EV_STORE=f"sqlite:{tmp_path / 'fresh.db'}")
    assert code == 0
    assert "no site yet — python -m bot site add --help" in said


@pytest.mark.parametrize("version", ["4.1", "5.0", "5.1"])
def test_the_account_before_the_first_site(
    ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    """The login, the region and the plan are tried on a station that the key may see."""
    fresh = {"EV_STORE": f"sqlite:{tmp_path / 'fresh.db'}", "CHARGEPOINT_API_VERSION": version}
    ours.network.fault_config.denied = frozenset({"getLoad"})
    code, said = ours.check(capsys, **fresh)
    assert code == 0, said
    assert "lets us in, and shows 2 stations, 1:900001 among them" in said
    assert 'station groups: 1234 "Practice lot" (2 stations), 1235 "All lots" (2 stations)' in said
    assert "ok       ChargePoint, 1:900001: 1 stations, 2 ports" in said
    assert "ChargePoint's plan: not allowed" in said
    for bad, advice in (
        ({"CHARGEPOINT_API_PASSWORD": "wrong-password"}, "check the key, the password and the"),
        ({"CHARGEPOINT_URL": "http://127.0.0.1:9"}, "check CHARGEPOINT_URL and the way out"),
    ):
        code, said = ours.check(capsys, **fresh, **bad)
        assert code == 1, said
        (line,) = lines(said, "failed")
        assert advice in line


def test_an_account_without_stations(
    ours: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A login that is shown nothing lacks rights."""
    ours.carpark.ports = list  # type: ignore[method-assign]  # an empty car park
    code, said = ours.check(capsys, EV_STORE=f"sqlite:{tmp_path / 'fresh.db'}")
    assert code == 0
    assert "lets us in, but shows no station — ask for rights to the stations" in said


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
