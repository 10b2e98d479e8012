"""registerFeeds and updateFeed of the ChargePoint stand-in: who wants to hear what."""

from __future__ import annotations

from .asked import Asked, Field, Malformed, head


def register_feeds(asked: Asked) -> list[Field]:
    """By station or group; the other filters find nothing here."""
    lists = asked.wrapper.rows("Events")
    names = [row.element.text or "" for events in lists for row in events.rows("feedEventName")]
    if not names:
        return head(172)
    query = asked.part("searchQuery")
    found = asked.group(query) if query.text("sgID") else asked.stations()
    if wanted := query.text("stationID"):
        found = [(station, ports) for station, ports in found if station == wanted]
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
