"""The doctor looks at meters, where there are any."""

from __future__ import annotations

from dataclasses import replace as ordinary
from datetime import timedelta
from pathlib import Path

import pytest

from bot.doctor.meters import check_meters
from bot.doctor.result import Patient
from chalicelib import wiring
from chalicelib.energy.readings import Reading
from chalicelib.settings import Settings, read
from chalicelib.stores.series import open_series
from chalicelib.values import replace
from practice.meter.building import Building
from practice.meter.tibber import Tibber, serving
from tests.fakes import FakeClock, site_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read({"EV_STORE": f"sqlite:{tmp_path / 'ev.db'}"})


def said(patient: Patient) -> list[str]:
    return [str(one).split(" — ")[0] for one in check_meters(patient)]


def test_no_meters(settings: Settings, tmp_path: Path) -> None:
    """Nothing is said, and no file made."""
    assert said(Patient(settings, FakeClock())) == []
    assert not (tmp_path / "ev.db-energy").exists()


def test_meters(settings: Settings, tmp_path: Path) -> None:
    """Heard, silent, never heard; and a site whose meter is gone."""
    clock, meters = FakeClock(), wiring.meters_of(settings)
    for name in ("fresh", "old", "new"):
        meters.add(name, "UTC")
    patient = Patient(settings, clock)
    patient.sites.append(replace(site_of(), meter="gone"))
    assert said(patient)[1:] == [f"warning  meter {name}: was never heard" for name in ("fresh", "new", "old")]  # fmt: skip
    assert not (tmp_path / "ev.db-energy").exists()
    series = open_series(settings.store, clock.now)
    series.keep("old", [Reading(clock.now() - timedelta(hours=3), 3.0)])
    series.keep("fresh", [Reading(clock.now() - timedelta(minutes=4), 3.0)])
    assert said(patient) == [
        "failed   hq: its meter gone isn't there",
        "ok       meter fresh: was heard 4 minutes ago",
        "warning  meter new: was never heard",
        "warning  meter old: has been silent for 3 hours",
    ]


def test_tibber(settings: Settings) -> None:
    """Whether the token is good and the home has a feed; the feed isn't opened."""
    clock = FakeClock()
    with serving(Tibber("token", Building(clock, "UTC", lambda: 0.0).now)) as there:
        known = ordinary(settings, tibber_token="token", tibber_api_url=there.url)
        assert said(Patient(known, clock)) == [
            "ok       tibber: home practice-home has a live feed"
        ]
        wrong = ordinary(known, tibber_token="wrong")
        assert "TIBBER_TOKEN" in said(Patient(wrong, clock))[0]
        assert there.opened == 0
    assert said(Patient(known, clock))[0].startswith("warning  tibber: can't ask Tibber")
