"""A site that comes back from a backup, older than it looks: what of it may still be done."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.values import replace

from .effects import LiftLimit
from .model import Entry, Lane, Pending, Site

QUIET = timedelta(minutes=10)  # looks and reminders change a live site more often


def revived(site: Site, now: datetime) -> Site:
    """The site, as it may go on at `now`.

    What was saved a moment ago goes on as if nothing had been. In older notes the line is
    what matters: everybody keeps their place. Calls that have run out meanwhile are void,
    and made anew by the rules as soon as a port is seen free; what waited to be said or
    done is not said or done any more, but for the end of a limit, which does no harm, and for
    what is to be kept of cars that have left.
    """
    if site.stepped_at is None or now - site.stepped_at < QUIET:
        return site
    ports = {port_id: replace(port, post=None) for port_id, port in site.ports.items()}
    return replace(
        site,
        queue=tuple(waiting(entry, now) for entry in site.queue),
        ports=ports,  # of what is said now there is a new post, where people look
        outbox=tuple(one for one in site.outbox if lasts(one)),
    )


def lasts(pending: Pending) -> bool:
    """What is to be kept of cars that have left is as true as it was."""
    return pending.lane is Lane.LOG or isinstance(pending.effect, LiftLimit)


def waiting(entry: Entry, now: datetime) -> Entry:
    """The entry without a call that has run out; it may hear once more that it is next."""
    turn = entry.turn
    if turn is not None and turn.deadline is not None and turn.deadline > now:
        return entry
    return replace(entry.waiting() if turn is not None else entry, told_next=False)
