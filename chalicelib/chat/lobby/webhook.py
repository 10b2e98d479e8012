"""`GET /board/{link}`: who has the link sees the page, and nobody else learns anything."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from chalicelib.chat.http import Reply
from chalicelib.edges import FaultLog, NewerFormat, SiteStore, StoreUnavailable

from .links import BadLink, BoardLinks
from .page import AGAIN, HEADERS, page, sorry

log = logging.getLogger(__name__)

SORRY = {
    BadLink.UNKNOWN: (HTTPStatus.NOT_FOUND, "No such board", "No board is shown under this link. Ask whoever runs the concierge for a new one."),
    BadLink.OVER: (HTTPStatus.GONE, "This link has ended", "Ask whoever runs the concierge for a new one."),
}  # fmt: skip


class LobbyWebhook:
    """Shows boards."""

    def __init__(self, links: BoardLinks, store: SiteStore) -> None:
        self._links = links
        self._store = store
        self._faults = FaultLog(log)

    def show(self, _headers: Mapping[str, str], _body: bytes, /, *, link: str) -> Reply:
        """The page; 404 for a link that was guessed or revoked, 410 for one that has ended."""
        try:
            site_id = self._links.site_of(link)
            site = None if isinstance(site_id, BadLink) else self._store.load(site_id)
        except (StoreUnavailable, NewerFormat) as fault:
            self._faults.failed("the board in the lobby", fault)
            return not_now()
        self._faults.worked("the board in the lobby")
        if site is None:  # or a site that is there no more
            status, title, words = SORRY[
                site_id if isinstance(site_id, BadLink) else BadLink.UNKNOWN
            ]
            return status, {**HEADERS}, sorry(title, words, again=False)
        return HTTPStatus.OK, {**HEADERS}, page(site, self._links.now)


def not_now() -> Reply:
    later = {"Retry-After": str(AGAIN)}
    words = "The board can't be shown right now. This page tries again by itself."
    return (
        HTTPStatus.SERVICE_UNAVAILABLE,
        {**HEADERS, **later},
        sorry("One moment", words, again=True),
    )
