"""POST /meters/{meter}/readings by a sensor: what it may say, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib import wiring
from chalicelib.core.effects import SensorAlarm
from chalicelib.core.model import Site, Status
from chalicelib.edges import SiteStore, StoreUnavailable
from chalicelib.settings import read
from tests.meters.kit import Answer, Stage, stage

NOW = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)
PATH = "/meters/hq/readings"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A site of two ports by hand; the meter hq watches the first."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path / 'ev.sqlite'}")
    with stage(tmp_path, NOW) as found:
        words = "site add garage --channel slack:T0HQ:C0EV --admin slack:T0HQ:U0BOSS --manual 2"
        assert main(words.split()) == 0
        assert main(["site", "set", "garage", "--sensor", "hq=1"]) == 0
        yield found


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return wiring.store_of(read({"EV_STORE": f"sqlite:{tmp_path / 'ev.sqlite'}"}))


def say(here: Stage, key: str | None = "", meter: str = "hq", **body: object) -> Answer:
    return here.ask("POST", f"/meters/{meter}/readings", json.dumps(body).encode(), key)


def site(store: SiteStore) -> Site:
    found = store.load("garage")
    assert found is not None
    return found


def test_a_day(here: Stage, store: SiteStore) -> None:
    """A car comes, and leaves; the sensor's word is the port's."""
    assert say(here, event="occupied", at="2026-11-30T09:05:00Z").json == {"taken": 1}
    assert site(store).ports["manual/1"].status is Status.INUSE
    here.clock.advance(minutes=30)
    assert say(here, event="free").status == 202
    assert site(store).ports["manual/1"].status is Status.AVAILABLE
    assert say(here, event="alarm").status == 202
    waiting = [one.to for one in site(store).outbox if isinstance(one.effect, SensorAlarm)]
    assert waiting == ["slack:T0HQ:U0BOSS"]


def test_again(here: Stage, store: SiteStore) -> None:
    """The same event, sent again because the answer was lost, is acknowledged and done once."""
    said = {"event": "occupied", "at": "2026-11-30T09:04:00Z"}
    assert say(here, **said).status == 202
    before = site(store)
    assert say(here, **said).status == 202
    assert site(store) == before


def test_out_of_order(here: Stage, store: SiteStore) -> None:
    """What was overtaken is refused, with the newer time, and changes nothing."""
    assert say(here, event="free", at="2026-11-30T09:04:00Z").status == 202
    before = site(store)
    answer = say(here, event="occupied", at="2026-11-30T09:03:00Z")
    assert answer.status == 409
    assert "2026-11-30T09:04:00" in answer.json["error"]
    assert site(store) == before


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"event": "occupied", "at": "2026-11-30T08:00:00Z"}, "longer ago"),
        ({"event": "occupied", "at": "2026-11-30T09:20:00Z"}, "ahead of our clock"),
        ({"event": "occupied", "at": "2026-11-30T09:05:00"}, "no zone"),
        ({"event": "occupied", "at": None}, "at is a time"),
        ({"event": "occupied", "at": 1}, "at is a time"),
        ({"event": "occupied", "at": ["2026-11-30T09:05:00Z"]}, "at is a time"),
        ({"event": "busy"}, "one of occupied, free, alarm"),
        ({"event": "OCCUPIED"}, "one of occupied, free, alarm"),
        ({"event": ""}, "one of"),
        ({"event": None}, "one of"),
        ({"event": ["free"]}, "one of"),
        ({"event": {"free": 1}}, "one of"),
        ({"event": "free", "port": 1}, "unknown: port"),
        ({"event": "free", "readings": []}, "not both"),
        ({"event": "free", "readings": [{"at": "2026-11-30T09:05:00Z", "kw": 1}]}, "not both"),
    ],
)  # fmt: skip
def test_bad(here: Stage, store: SiteStore, body: dict[str, object], words: str) -> None:
    """What can't be an event is refused with what is wrong; nothing of it is done."""
    before = site(store)
    answer = here.ask("POST", PATH, json.dumps(body).encode())
    assert answer.status == 400
    assert words in answer.json["error"]
    assert site(store) == before
    assert list(here.series.readings("hq", NOW - timedelta(days=2), NOW + timedelta(days=1))) == []


@pytest.mark.parametrize("body", [b"", b"[]", b'"free"', b"1", b"{}", b'{"event"', b"\xff", b'[{"event":"free"}]'])  # fmt: skip
def test_no_event(here: Stage, body: bytes) -> None:
    """Nor is anything else."""
    assert here.ask("POST", PATH, body).status == 400


def test_who_may(here: Stage, store: SiteStore) -> None:
    """Only who has the meter's key; we don't say which meters there are."""
    before = site(store)
    for key in (None, "evm_wrong"):
        assert say(here, key, event="free").status == 401
    assert say(here, event="free", meter="nobody").status == 401
    assert site(store) == before


def test_at_no_port(here: Stage, store: SiteStore) -> None:
    """A meter that watches no port is told how to put it at one."""
    assert main(["site", "set", "garage", "--sensor", "none"]) == 0
    answer = say(here, event="free")
    assert answer.status == 409
    assert "--sensor hq=PORT" in answer.json["error"]
    assert main(["site", "remove", "garage"]) == 0
    assert say(here, event="free").status == 409


def test_other_stations(here: Stage, store: SiteStore) -> None:
    """A site that a network watches now believes the network."""
    assert main(["site", "set", "garage", "--station-group", "1234"]) == 0
    assert say(here, event="occupied").status == 409


def test_fewer_ports(here: Stage, store: SiteStore) -> None:
    """A sensor stays at its port as long as there is one."""
    assert main(["site", "set", "garage", "--sensor", "hq=2"]) == 0
    assert main(["site", "set", "garage", "--manual", "1"]) == 0
    assert say(here, event="occupied").status == 409


def test_the_store_is_down(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is acknowledged that isn't kept."""

    def down(*_: object) -> None:
        raise StoreUnavailable("down")

    monkeypatch.setattr("chalicelib.stores.sqlite.SQLiteStore.save", down)
    answer = say(here, event="occupied")
    assert answer.status == 503
    assert answer.headers["Retry-After"]


def test_too_often(here: Stage) -> None:
    """An excited sensor is slowed down like any meter."""
    statuses = [say(here, event="alarm").status for _ in range(400)]
    assert 429 in statuses
    assert set(statuses) <= {202, 429}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--sensor nobody=1", "no meter nobody"),
        ("--sensor hq=9", "no port 9"),
        ("--sensor hq=1 --sensor hq=2", "a port has one sensor"),
        ("--station-group 1234 --sensor hq=1", "by hand"),
    ],
)
def test_the_operator(here: Stage, store: SiteStore, words: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """What can't be is said, and nothing is changed."""
    before = site(store)
    assert main(["site", "set", "garage", *words.split()]) == 1
    assert why in capsys.readouterr().err
    assert site(store) == before


def test_one_site(here: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """A sensor is at one site."""
    words = "site add lot --channel slack:T0HQ:C0LOT --manual 1 --sensor hq=1"
    assert main(words.split()) == 1
    assert "belongs to garage" in capsys.readouterr().err
    assert main(["site", "show", "garage"]) == 0
    assert "hq at 1" in capsys.readouterr().out
