"""The outbox: what became of the messages, and when the next may be tried.

Decisions are never doubled, messages are never lost, at most the one in flight is
repeated: an effect is saved with the state it follows from, claimed before it is sent,
cleared after; a claim that ran out may be taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.values import replace

from . import ways
from .draft import Draft
from .effects import (
    BoardPost,
    Called,
    CallOver,
    Effect,
    GivenTo,
    LetGo,
    NetworkOrder,
    OfPlace,
    Post,
    Undelivered,
    Unreachable,
)
from .inputs import Claimed, Delivered, Postponed, Reported, Undeliverable
from .model import HOME, CallMessage, Lane, Pending, Site, What
from .rules import boards, departing, power, reach, turns, weekly
from .rules.stale import current, is_repeated_later, is_too_late
from .rules.stale.replies import timed

Takes = Callable[[str], bool]  # whether somebody delivers on a platform


def anywhere(_platform: str) -> bool:
    return True


def heads(site: Site, lane: Lane, takes: Takes = anywhere) -> tuple[Pending, ...]:
    """What is first in its lane, one for each address: the rest wait for theirs. An address
    that takes nothing holds up nobody else, and what follows from each other is in order: the
    edits of a post go where the post went.
    """
    first: dict[str, Pending] = {}
    for pending in site.outbox:
        if pending.lane is lane and takes(pending.platform):
            first.setdefault(pending.to, pending)
    return tuple(first.values())


def attempt_at(pending: Pending) -> datetime:
    """When a head may be tried next."""
    return pending.claimed_until or pending.not_before or pending.queued_at


def next_attempt(site: Site, lane: Lane) -> datetime | None:
    """When the earliest head of a lane may be tried; None: nothing waits."""
    return min((attempt_at(one) for one in heads(site, lane)), default=None)


def ready(site: Site, lane: Lane, now: datetime, takes: Takes = anywhere) -> Pending | None:
    """The head that may be tried by now: the longest queued, but one that has failed before
    comes after one that hasn't, for it may keep us waiting once more.
    """
    due = (one for one in heads(site, lane, takes) if attempt_at(one) <= now)
    return min(due, key=lambda one: one.attempts, default=None)


def find(site: Site, pending_id: int) -> Pending | None:
    """What became of an effect; None: it waits no more."""
    return next((one for one in site.outbox if one.id == pending_id), None)


def edits(site: Site, pending: Pending) -> str | None:
    """The message that this effect changes; None: it is a new one."""
    if isinstance(pending.effect, BoardPost):
        board = boards.find(site.boards, pending.to)
        return board.ref or None if board is not None else None
    if isinstance(pending.effect, CallOver):
        call = turns.call_of(site.calls, pending.effect)
        return call.ref if call is not None else None
    if not isinstance(pending.effect, Post | OfPlace):
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
            since = None if receipt.everywhere else pending.alone_since or d.now
            d.outbox[index] = replace(
                pending, not_before=receipt.until, claimed_until=None, alone_since=since
            )
            if receipt.everywhere:
                postpone(d, pending.tenant, receipt.until)
        case Undeliverable():
            del d.outbox[index]
            refused(d, pending, receipt.reason, gone=receipt.gone)


def reported(d: Draft, receipt: Reported) -> None:
    """The log was read, as this order asked; one that is gone was answered before."""
    asked = next((one for one in d.outbox if one.id == receipt.id), None)
    if asked is not None:
        d.outbox.remove(asked)
        weekly.announce(d, receipt.card)


def postpone(d: Draft, tenant: str, until: datetime) -> None:
    """Nobody there is tried before then; each keeps their place."""
    for index, pending in enumerate(d.outbox):
        if pending.tenant == tenant and pending.claimed_until is None:
            later = max(until, pending.not_before or until)
            d.outbox[index] = replace(pending, not_before=later)


def claim(d: Draft, index: int, until: datetime) -> None:
    """Take the effect as it is true now, unless somebody has it; or drop it."""
    pending = d.outbox[index]
    if pending.claimed_until is not None and pending.claimed_until > d.now:
        return
    effect = pending.effect
    if pending.lane is Lane.CHAT:
        said = current(d, pending)
        if said is None or is_too_late(d, pending) or is_repeated_later(d, pending):
            del d.outbox[index]
            return
        effect = timed(d, said)
    attempts = pending.attempts + 1
    d.outbox[index] = replace(pending, effect=effect, claimed_until=until, attempts=attempts)


def delivered(d: Draft, pending: Pending, ref: str) -> None:
    """The message has arrived: calls start their clocks, posts can be edited."""
    if pending.to in d.refused:
        d.refused = {to: why for to, why in d.refused.items() if to != pending.to}
    if isinstance(pending.effect, BoardPost):
        boards.arrived(d, pending.to, pending.effect, ref)
    if isinstance(pending.effect, Post):
        keep_ref(d, pending.effect.post, pending.to, ref)
    if isinstance(pending.effect, OfPlace) and pending.effect.post and ref:
        keep_ref(d, pending.effect.post, pending.to, ref)
    if isinstance(pending.effect, Called | GivenTo) and pending.effect.turn and ref:
        call = CallMessage(pending.effect.turn, pending.effect.driver, pending.to, ref)
        d.calls = (*d.calls, call)
    arrived(d, pending.effect)


def refused(d: Draft, pending: Pending, reason: str, *, gone: bool = False) -> None:
    """It never will arrive: of a message the admins hear once for each address. Whose account
    is closed (`gone`) is told nowhere else, unless another account has the same card.
    """
    if isinstance(pending.effect, NetworkOrder):
        power.refused(d, pending.effect, reason)
        return
    if pending.is_to_home:  # there is no such tab: it isn't drawn again
        person = pending.to.removesuffix(HOME)
        d.homes = {who: home for who, home in d.homes.items() if who != person}
        return
    if pending.is_to_a_click or isinstance(pending.effect, CallOver | LetGo):  # nobody misses it
        arrived(d, pending.effect)
        return
    if isinstance(pending.effect, BoardPost) and boards.lost(d, pending.to):
        return
    known = pending.to in d.refused
    if not isinstance(pending.effect, Undelivered | Unreachable):
        d.refused = {**d.refused, pending.to: reason}
    if gone and not (isinstance(pending.effect, Called) and reach.moves(d, pending.effect)):
        departing.lose_owner(d, pending.to)
        return
    other = ways.instead(d, pending.to)
    if not known and pending.to in d.refused:
        reach.miss(d, pending.to)
    if other is not None and not isinstance(pending.effect, Post):
        d.send(other, pending.effect, pending.asker)  # told all the same, once
        d.note(What.UNDELIVERABLE, pending.to)
        return
    if isinstance(pending.effect, Called) and pending.effect.aloud:
        d.tell(pending.effect.driver, replace(pending.effect, aloud=False))
    elif isinstance(pending.effect, Called):
        reach.lose(d, pending.effect, reason)
    elif not known and pending.to in d.refused:
        d.note(What.UNDELIVERABLE, pending.to)
        d.tell_admins(Undelivered(pending.to, reason))


def arrived(d: Draft, effect: Effect) -> None:
    if isinstance(effect, CallOver):
        turns.forget_call(d, effect)
    if isinstance(effect, Called):
        turns.start_clock(d, effect.turn, effect.window)
    if isinstance(effect, GivenTo) and effect.turn:
        turns.start_clock(d, effect.turn, d.policy.answer)


def keep_ref(d: Draft, post: int, channel: str, ref: str) -> None:
    """Remember the message, and forget those whose posts can't be edited any more."""
    posts = {**d.posts, f"{post}@{channel}": ref}
    live = set(live_posts(d))
    kept = {key: one for key, one in posts.items() if int(key.partition("@")[0]) in live}
    if kept != d.posts:
        d.posts = kept


def live_posts(d: Draft) -> Iterator[int]:
    """The posts that may still be edited: about a port, a stay, a place, or on their way."""
    for port in d.ports.values():
        if port.post is not None:
            yield port.post
        if port.stay is not None and port.stay.ladder.post is not None:
            yield port.stay.ladder.post
    for entry in d.queue:
        if entry.word is not None:
            yield entry.word
    for pending in d.outbox:
        if isinstance(pending.effect, Post):
            yield pending.effect.post
