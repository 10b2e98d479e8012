"""The outbox: what became of the messages, and when the next may be tried.

Decisions are never doubled, messages are never lost, at most the one in flight is
repeated: an effect is saved with the state it follows from, claimed before it is sent,
cleared after; a claim that ran out may be taken over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from . import power
from .draft import Draft
from .effects import Called, Effect, NetworkOrder, Post, Undelivered
from .inputs import Claimed, Delivered, Postponed, Undeliverable
from .model import Lane, Pending, Port, Site, What
from .turns import start_clock


def head(site: Site, lane: Lane) -> Pending | None:
    """The effect that is first in its lane; the others wait for it."""
    for pending in site.outbox:
        if pending.lane is lane:
            return pending
    return None


def next_attempt(site: Site, lane: Lane) -> datetime | None:
    """When the head of a lane may be tried next; None: nothing waits."""
    pending = head(site, lane)
    if pending is None:
        return None
    return pending.claimed_until or pending.not_before or pending.queued_at


def edits(site: Site, pending: Pending) -> str | None:
    """The message that this effect changes; None: it is a new one."""
    if not isinstance(pending.effect, Post):
        return None
    return site.posts.get(f"{pending.effect.post}@{pending.to}")


def receive(d: Draft, receipt: Claimed | Delivered | Postponed | Undeliverable) -> None:
    """Take in what happened to one pending effect; one that is gone says nothing."""
    found = [place for place in enumerate(d.outbox) if place[1].id == receipt.id]
    if not found:
        return
    index, pending = found[0]
    match receipt:
        case Claimed():
            claim(d, index, receipt.until)
        case Delivered():
            del d.outbox[index]
            delivered(d, pending, receipt.ref)
        case Postponed():
            d.outbox[index] = replace(pending, not_before=receipt.until, claimed_until=None)
        case Undeliverable():
            del d.outbox[index]
            refused(d, pending, receipt.reason)


def claim(d: Draft, index: int, until: datetime) -> None:
    """Take the effect, unless somebody has it."""
    pending = d.outbox[index]
    if pending.claimed_until is not None and pending.claimed_until > d.now:
        return
    effect = pending.effect
    if isinstance(effect, Called):  # the words name a time of day: from now
        effect = replace(effect, deadline=d.now + effect.window)
    d.outbox[index] = replace(
        pending, effect=effect, claimed_until=until, attempts=pending.attempts + 1
    )


def delivered(d: Draft, pending: Pending, ref: str) -> None:
    """The message has arrived: calls start their clocks, posts can be edited."""
    if pending.to in d.refused:
        d.refused = {to: why for to, why in d.refused.items() if to != pending.to}
    if isinstance(pending.effect, Post):
        keep_ref(d, pending.effect.post, pending.to, ref)
    arrived(d, pending.effect)


def refused(d: Draft, pending: Pending, reason: str) -> None:
    """It never will arrive: of a message the admins hear once for each address."""
    if isinstance(pending.effect, NetworkOrder):
        power.refused(d, pending.effect, reason)
        return
    arrived(d, pending.effect)
    if pending.to in d.refused or isinstance(pending.effect, Undelivered):
        return
    d.refused = {**d.refused, pending.to: reason}
    d.note(What.UNDELIVERABLE, pending.to)
    d.tell_admins(Undelivered(pending.to, reason))


def arrived(d: Draft, effect: Effect) -> None:
    if isinstance(effect, Called):
        start_clock(d, effect.turn)


def keep_ref(d: Draft, post: int, channel: str, ref: str) -> None:
    """Remember the message for as long as its post may still be edited."""
    key = f"{post}@{channel}"
    live = any(is_post_of(port, post) for port in d.ports.values()) or any(
        isinstance(pending.effect, Post) and pending.effect.post == post and pending.to == channel
        for pending in d.outbox
    )
    if live and d.posts.get(key) != ref:
        d.posts = {**d.posts, key: ref}
    elif not live and key in d.posts:
        d.posts = {other: kept for other, kept in d.posts.items() if other != key}


def is_post_of(port: Port, post: int) -> bool:
    """The post is about this port now, and may still be edited."""
    return post == port.post or (port.stay is not None and post == port.stay.ladder.post)
