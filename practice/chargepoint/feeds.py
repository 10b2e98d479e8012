"""registerFeeds and updateFeed of the ChargePoint stand-in: who wants to hear what."""

from __future__ import annotations

from .asked import Asked, Field, head
from .schema import Malformed
from .search import search


def register_feeds(asked: Asked) -> list[Field]:
    """To whom a subscription's events of which stations go."""
    lists = asked.wrapper.rows("Events")
    names = [row.element.text or "" for events in lists for row in events.rows("feedEventName")]
    if not names:
        return head(172)
    public = asked.wrapper.text("feedType") == "public"
    found = search(asked, asked.part("searchQuery"), public=public)
    if asked.wrapper.text("feedType") not in {"", "all", "public", "restricted"}:
        raise Malformed("feedType is all, public or restricted")
    if not found:
        return head(102)
    number = asked.subscriptions.add(names, [station for station, _ in found])
    return [*head(100), ("subscriptionID", number)]


def update_feed(asked: Asked) -> list[Field]:
    if asked.wrapper.text("Refresh") not in {"true", "false", "1", "0"}:
        raise Malformed("Refresh is a boolean")
    return head(100 if asked.subscriptions.refresh(asked.wrapper.text("subscriptionID")) else 160)
