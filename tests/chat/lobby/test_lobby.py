"""The page for a screen in the lobby, behind the whole app."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.chat.lobby.links import BoardLinks
from chalicelib.chat.lobby.page import initials
from chalicelib.chat.lobby.webhook import LobbyWebhook
from chalicelib.core.inputs import Add
from chalicelib.core.model import Person, Site
from chalicelib.edges import Records, SiteStore, StoreUnavailable
from chalicelib.endpoints import Endpoints, Webhook
from chalicelib.settings import Settings, read
from chalicelib.values import replace
from tests.core.day import PowerDay
from tests.fakes import ANA, BOB, CLEO, FakeClock
from tests.meters.kit import Answer

EVIL = "<script>alert(1)</script> \u202e O'Bell"


class Reader(HTMLParser):
    """What somebody sees, and what the page would load or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"] and data.strip():
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.texts)


class Lobby:
    """A screen, and whoever makes its links."""

    def __init__(self, settings: Settings) -> None:
        self.clock = FakeClock()
        self.store: SiteStore = wiring.store_of(settings)
        self.records: Records = wiring.records_of(settings)
        self.links = BoardLinks(self.records, self.clock, "https://ev.example.org")

    def path(self, **lasts: float) -> str:
        link = self.links.make("hq", timedelta(**lasts) if lasts else timedelta(days=1))
        return link.removeprefix("https://ev.example.org")

    def get(self, path: str) -> Answer:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "wsgi.input": io.BytesIO(b""), "HTTP_ACCEPT": "text/html",
        }  # fmt: skip
        told: list[Any] = []
        found = wsgi(app)(environ, lambda status, headers: told.extend([status, headers]))
        return Answer(int(told[0][:3]), dict(told[1]), b"".join(found))

    def keep(self, site: Site) -> None:
        known = self.store.load("hq")
        self.store.save(replace(site, version=known.version if known else 0), None)


@pytest.fixture
def lobby(tmp_path: Path) -> Iterator[Lobby]:
    settings = read({"EV_STORE": f"sqlite:{tmp_path / 'ev.db'}"})
    lobby = Lobby(settings)
    doors: dict[str, Webhook] = {"/board/{link}": LobbyWebhook(lobby.links, lobby.store).show}
    wiring.use(Endpoints(wiring.build(settings), doors, lobby.records))
    yield lobby
    wiring.use(None)


@pytest.fixture
def day(lobby: Lobby) -> PowerDay:
    """Ana and Cleo charge, Bob waits."""
    day = PowerDay(p1=ANA, p2=CLEO)
    day.ask(BOB, Add())
    people = {**day.site.people, ANA: Person("Ana Bell", ("7000001",)), BOB: Person(EVIL)}
    day.site = replace(day.site, people=people)
    lobby.keep(day.site)
    return day


class TestPage:
    def test_what_stands_there(self, lobby: Lobby, day: PowerDay) -> None:
        """Every port and the line, by initials, in a page that loads itself anew."""
        answer = lobby.get(lobby.path())
        assert answer.status == 200
        seen = Reader(answer.text)
        assert "Port 1 A. B. since 08:00 6.6 kW, done at about 10:30" in seen.text
        assert "In line (1)" in seen.text
        assert "As of 08:00" in seen.text
        assert seen.attributes["http-equiv"] == "refresh"
        assert not re.search(r"Ana|Cleo|Bell", answer.text)

    def test_nothing_runs_there(self, lobby: Lobby, day: PowerDay) -> None:
        """No script, nothing from elsewhere, and what people typed is text."""
        answer = lobby.get(lobby.path())
        assert not {"script", "img", "link", "a", "iframe"} & set(Reader(answer.text).tags)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "alert" not in answer.text

    def test_nobody_is_shamed(self, lobby: Lobby, day: PowerDay) -> None:
        """Whose time is up isn't said before strangers, whoever was asked."""
        day.wait(hours=3, minutes=30)
        lobby.keep(day.site)
        assert "time is up" not in lobby.get(lobby.path()).text

    def test_without_sight(self, lobby: Lobby, day: PowerDay) -> None:
        """It says since when the chargers can't be seen."""
        day.lose()
        lobby.keep(day.site)
        assert "I haven't seen the chargers since 08:00" in lobby.get(lobby.path()).text

    def test_before_anything(self, lobby: Lobby) -> None:
        """A site that was just added has a page."""
        lobby.keep(Site("hq", "HQ <garage>"))
        text = lobby.get(lobby.path()).text
        assert "I haven't seen the chargers yet." in text
        assert "HQ &lt;garage&gt;" in text

    @pytest.mark.parametrize(
        ("name", "shown"), [("ana bell", "A. B."), ("O'Neil", "O."), ("<b>", "B."), ("🚗", ""), ("a b c d", "A. B. C.")]
    )  # fmt: skip
    def test_initials(self, name: str, shown: str) -> None:
        """The first letters of three words at most."""
        assert initials(name) == shown


class TestLinks:
    def test_a_guess(self, lobby: Lobby, day: PowerDay) -> None:
        """One clear page, the same whether or not there is such a site; nothing of it is told."""
        lobby.path()
        forged = f"hq.9999999999.{'0' * 64}"
        pages = set()
        for link in (forged, forged.replace("hq", "nowhere"), "hq", "x" * 5000, "%00", "hq.1.é"):
            answer = lobby.get(f"/board/{link}")
            assert answer.status == 404, link
            assert "No board is shown under this link." in answer.text
            assert "refresh" not in answer.text
            pages.add(answer.text)
        assert len(pages) == 1

    def test_one_that_has_ended(self, lobby: Lobby, day: PowerDay) -> None:
        """410, in words; and its end can't be moved."""
        path = lobby.path(hours=1)
        lobby.clock.advance(hours=1)
        answer = lobby.get(path)
        assert answer.status == 410
        assert "This link has ended" in answer.text
        expires = path.split(".")[1]
        assert lobby.get(path.replace(expires, str(int(expires) + 9999))).status == 404

    def test_another_site_s(self, lobby: Lobby, day: PowerDay) -> None:
        """A link shows its own site only."""
        path = lobby.path()
        lobby.links.make("lab")
        assert lobby.get(path.replace("/hq.", "/lab.")).status == 404

    def test_revoked(self, lobby: Lobby, day: PowerDay) -> None:
        """No link of before is good; a new one is."""
        old = lobby.path()
        assert lobby.get(old).status == 200
        assert lobby.links.revoke("hq")
        assert lobby.get(old).status == 404
        assert lobby.get(lobby.path()).status == 200
        assert lobby.get(old).status == 404

    def test_a_site_that_is_gone(self, lobby: Lobby, day: PowerDay) -> None:
        """As if there had been none."""
        path = lobby.path()
        lobby.store.delete("hq")
        assert lobby.get(path).status == 404

    def test_nowhere(self, lobby: Lobby) -> None:
        """Without an address of ours there is no link."""
        assert BoardLinks(lobby.records, lobby.clock, "").make("hq") == ""

    def test_the_store_is_down(
        self, lobby: Lobby, day: PowerDay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The screen says so, and tries again."""
        path = lobby.path()

        def fails(*_: object) -> None:
            raise StoreUnavailable("down")

        monkeypatch.setattr(type(lobby.records), "get", fails)
        answer = lobby.get(path)
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "30"
        assert "tries again by itself" in answer.text
