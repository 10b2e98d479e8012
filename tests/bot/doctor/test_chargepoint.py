"""`python -m bot check` on ChargePoint: the account, the calls, the feed."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from bot.doctor import chargepoint
from bot.doctor.result import Patient
from chalicelib import settings as reading
from chalicelib.clock import SystemClock
from chalicelib.edges import NetworkUnavailable
from practice.chargepoint.asked import Trouble
from practice.world import MONDAY
from tests.bot.doctor.kit import (
    KEY,
    PASSWORD,
    Clinic,
    clinic,
    lines,
)


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
