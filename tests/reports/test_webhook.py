"""`GET /report`, and who reads the log: by signed requests to the whole app."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.core.card import Span
from chalicelib.core.model import Policy
from chalicelib.core.stays import FinishedStay, StayEnd
from chalicelib.edges import UnknownSite
from chalicelib.reports import links
from chalicelib.reports.drawing import PNG, Pictures, draw
from chalicelib.reports.teller import ReportTeller
from chalicelib.reports.webhook import ReportWebhook
from chalicelib.settings import read
from chalicelib.values import replace
from tests.chat.text.test_reports import CHART
from tests.fakes import ANA, BOB, FakeClock, site_of

URL = "https://ev.example.org/base"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Stage:
    """A site with two stays in the log, and the app."""

    def __init__(self, folder: Path) -> None:
        self.settings = read({"EV_STORE": f"sqlite:{folder / 'sites.sqlite'}", "PUBLIC_URL": URL})
        self.clock = FakeClock()
        self.store, self.records = wiring.store_of(self.settings), wiring.records_of(self.settings)
        stays = wiring.stays_of(self.settings)
        self.store.save(site_of(), None)
        self.store.save(replace(site_of(), id="annex"), None)
        now = self.clock.now()
        for number, driver in enumerate((ANA, BOB)):
            one = FinishedStay(number, "1:1/1", now - 3 * HOUR, now - HOUR, driver, kwh=6.5)
            stays.add("hq", one, 90 * DAY)
        vain = FinishedStay(7, "", now - 5 * HOUR, now - HOUR, ANA, end=StayEnd.AWAY, met=False)
        stays.add("hq", vain, 90 * DAY)
        self.teller = ReportTeller(self.store, stays, self.records, self.clock, URL)
        self.door = ReportWebhook(self.teller, self.records, self.clock)

    def link(self, *, csv: bool = True, span: Span = Span.WEEK) -> dict[str, str]:
        """What the link asks for."""
        found = urlsplit(self.teller.link("hq", span, csv=csv))
        assert f"{found.scheme}://{found.netloc}{found.path}" == f"{URL}/report"
        return {name: values[0] for name, values in parse_qs(found.query).items()}

    def get(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        return self.door.report({}, b"", **query)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


class TestLinks:
    """Good for a day, for what they were made for, and for nothing else."""

    def test_a_table(self, stage: Stage) -> None:
        """A line a day, private, as a file; no names in it."""
        status, headers, body = stage.get(stage.link())
        assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
        assert headers["Cache-Control"] == "private, no-store"
        assert body.splitlines()[-1] == "2031-03-03,2,13.0,4.0,0.0,0,0,1"
        assert len(body.splitlines()) == 8
        assert "ana" not in body.lower()

    def test_a_picture(self, stage: Stage) -> None:
        """Of a month, too."""
        status, headers, body = stage.get(stage.link(csv=False, span=Span.MONTH))
        assert (status, headers["Content-Type"]) == (200, "image/png")
        assert body.startswith(PNG)

    def test_over(self, stage: Stage) -> None:
        """A link that has ended is no good any more."""
        query = stage.link()
        stage.clock.advance(days=1, seconds=1)
        assert stage.get(query)[0] == 403

    @pytest.mark.parametrize(
        "change",
        [
            {"site": "annex"}, {"site": ""}, {"site": "nowhere"}, {"span": "month"}, {"as": "png"},
            {"expires": "99999999999"}, {"signature": "0" * 64}, {"signature": ""}, {"more": "x"},
            {"signature": "é\ud800"}, {"site": "x" * 10_000},
        ],
    )  # fmt: skip
    def test_forged(self, stage: Stage, change: dict[str, str]) -> None:
        """Whoever changes a link, or guesses one, gets nothing, be there such a site or not."""
        assert stage.get(stage.link() | change)[0] == 403

    def test_nothing_asked(self, stage: Stage) -> None:
        """No question, no answer."""
        assert stage.get({})[0] == 403

    def test_a_site_s_links_are_its_own(self, stage: Stage) -> None:
        """Each site has its own key, made once."""
        first, again = (links.key_of(stage.records, "hq") for _ in range(2))
        assert first == again != links.key_of(stage.records, "annex")

    def test_gone(self, stage: Stage) -> None:
        """A site that was removed meanwhile."""
        query = stage.link()
        stage.store.delete("hq")
        assert stage.get(query)[0] == 404

    def test_nobody_reaches_us(self, stage: Stage) -> None:
        """Without an address there are no links."""
        bare = ReportTeller(stage.store, None, stage.records, stage.clock, "")
        assert bare.link("hq", Span.WEEK, csv=True) == ""

    def test_through_the_app(self, stage: Stage) -> None:
        """The route is there, and gives pictures as such."""
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/report", "SCRIPT_NAME": "", "HTTP_ACCEPT": "*/*",
            "QUERY_STRING": urlencode(stage.link(csv=False)), "wsgi.input": io.BytesIO(),
            "CONTENT_LENGTH": "0", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        }  # fmt: skip
        said: list[tuple[str, list[tuple[str, str]]]] = []
        concierge = wiring.build(stage.settings)
        concierge.clock = stage.clock
        wiring.use(wiring.open_endpoints(stage.settings, concierge))
        try:
            body = b"".join(wsgi(app)(environ, lambda *got: said.append(got)))
        finally:
            wiring.use(None)
        assert said[0][0].startswith("200")
        assert body.startswith(PNG)


class TestTeller:
    """Who answers in chat asks it."""

    def test_card(self, stage: Stage) -> None:
        """The site's stays of that time."""
        card = stage.teller.card("hq", Span.WEEK)
        assert card is not None
        assert (card.cars, card.kwh, card.away) == (2, 13.0, 1)

    def test_totals(self, stage: Stage) -> None:
        """Nothing is read where the operator doesn't allow it."""
        assert stage.teller.totals("hq", Span.WEEK) == ()
        site = stage.teller.site("hq")
        stage.store.save(replace(site, policy=Policy(report_people=True)), None)
        assert {one.driver: one.cars for one in stage.teller.totals("hq", Span.WEEK)} == {ANA: 1, BOB: 1}  # fmt: skip

    def test_no_site(self, stage: Stage) -> None:
        with pytest.raises(UnknownSite):
            stage.teller.card("nowhere", Span.WEEK)

    def test_no_log(self, stage: Stage) -> None:
        """Nobody keeps one."""
        bare = ReportTeller(stage.store, None, stage.records, stage.clock, URL)
        assert bare.card("hq", Span.WEEK) is None


class TestPictures:
    """Drawn here, or where the libraries are."""

    def test_here(self, stage: Stage) -> None:
        """A PNG."""
        assert (Pictures(stage.teller).draw(CHART) or b"").startswith(PNG)
        assert (draw(CHART) or b"").startswith(PNG)

    def test_nowhere(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """No libraries, and nobody at our address: words must do."""
        import sys

        monkeypatch.setitem(sys.modules, "chalicelib.charts", None)
        bare = ReportTeller(stage.store, None, stage.records, stage.clock, "")
        away = ReportTeller(stage.store, None, stage.records, stage.clock, "http://127.0.0.1:9")
        assert Pictures(bare).draw(CHART) is None
        assert Pictures(away).draw(CHART) is None
