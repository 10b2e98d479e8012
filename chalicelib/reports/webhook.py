"""`GET /report`: the table or a picture, to who has a link that we made."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib import links, telemetry
from chalicelib.chat.http import Reply as Refusal, refuse
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.reports import chart, table_file
from chalicelib.core.card import ReportCard, Span
from chalicelib.edges import Clock, NewerFormat, Records, StoreUnavailable, UnknownSite

from .drawing import draw
from .links import known_key
from .teller import ReportTeller

Reply = tuple[int, dict[str, str], str | bytes]
PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
NO_LINK = "this link isn't good any more: ask for a new one with `report`"
LONGEST = 200  # characters of anything that is asked


class ReportWebhook:
    """Whoever asks is proven by the link's signature before a site is loaded."""

    def __init__(self, teller: ReportTeller, records: Records, clock: Clock) -> None:
        self._teller = teller
        self._records = records
        self._clock = clock

    def report(self, _: Mapping[str, str], _body: bytes, /, **query: str) -> Reply | Refusal:
        try:
            if not self._is_ours(query):
                return refuse(403, NO_LINK)
            site_id, span = query["site"], Span(query["span"])
            card = self._teller.card(site_id, span)
            if card is None:
                return refuse(404, "nobody keeps what the cars did here")
            return self._shown(site_id, card, query["as"])
        except UnknownSite:
            return refuse(404, "there is no such site any more")
        except (StoreUnavailable, NewerFormat):
            return refuse(503, "not now, please try again in a minute")

    def _is_ours(self, query: Mapping[str, str]) -> bool:
        """Signed by the site's key, and not over. A site without a key has no links."""
        site_id = query.get("site", "")
        if not site_id or any(len(text) > LONGEST for text in query.values()):
            return False
        key = known_key(self._records, site_id)
        if key is None or not links.is_signed(key, query):
            telemetry.annotate(refused=403)
            return False
        return not links.is_over(query, self._clock.now())

    def _shown(self, site_id: str, card: ReportCard, form: str) -> Reply | Refusal:
        speech = Speech(self._teller.site(site_id), TerminalMarkup(), card.end)
        if form == "csv":
            file = table_file(card, speech)
            named = {"Content-Disposition": f'attachment; filename="{file.name}"'}
            return 200, {"Content-Type": "text/csv; charset=utf-8", **PRIVATE, **named}, file.text
        picture = draw(chart(card, speech))
        if picture is None:
            return refuse(501, "no pictures here: ask for `report csv`")
        return 200, {"Content-Type": "image/png", **PRIVATE}, picture
