"""Charts as pictures: drawn here where the libraries are, else fetched from where they are.

On AWS what says things has no libraries that draw; a function of its own has, and gives a
picture to who has a link.
"""

from __future__ import annotations

import logging

from chalicelib.chat.rest import call
from chalicelib.chat.text.format import Chart
from chalicelib.core.card import Span
from chalicelib.edges import MessengerUnavailable, StoreUnavailable

from .teller import ReportTeller

log = logging.getLogger(__name__)

SECONDS = 5.0  # for a picture from elsewhere: the claim on a message must outlast it
PNG = b"\x89PNG\r\n\x1a\n"


def draw(chart: Chart) -> bytes | None:
    """A PNG; None: the libraries aren't here."""
    try:
        from chalicelib.charts import draw_bars
    except ImportError:
        return None
    return draw_bars(chart.title, chart.labels, chart.series, chart.unit)


class Pictures:
    """Whoever can't draw asks for the same picture by a link to it."""

    def __init__(self, teller: ReportTeller) -> None:
        self._teller = teller

    def draw(self, chart: Chart) -> bytes | None:
        return draw(chart) or self._fetched(chart.site, chart.span)

    def _fetched(self, site_id: str, span: Span) -> bytes | None:
        try:
            link = self._teller.link(site_id, span, csv=False)
            if not link:
                return None
            found = call("GET", link, {"Accept": "image/png"}, seconds=SECONDS)
        except (MessengerUnavailable, StoreUnavailable) as fault:
            log.warning("%s: no picture: %s", site_id, fault)
            return None
        return found.body if found.status == 200 and found.body.startswith(PNG) else None
