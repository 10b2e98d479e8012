"""Only what is true and matters is said, however long it had to wait (rule 23).

A message lies in the outbox while its platform is down. Each kind is asked here, whenever
the site changes and once more as it is about to be sent: does it still matter, and what
would it say now?
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import answers as say, hours
from chalicelib.core.answers import Answer
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import (
    BoardPost,
    Effect,
    LineCleared,
    MeansToMove,
    NextUp,
    Nudged,
    PleaseMove,
    PortPost,
    Promised,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Pending
from chalicelib.core.rules.boards import is_shown, of_boards

from .needs import of_needs
from .ports import of_ports, of_stays, of_the_house
from .replies import answer
from .turns import of_places, of_turns

OLD_ANSWER = timedelta(minutes=15)  # nobody waits so long for what they asked


def drop_stale(d: Draft) -> Iterator[Due]:
    """What isn't true any more, or doesn't matter, is not said."""
    kept = [one for one in d.outbox if one.claimed_until is not None or matters(d, one)]
    if len(kept) < len(d.outbox):
        yield Due(d.now, partial(setattr, d, "outbox", kept))
    for one in kept:
        match one.effect:  # its time comes while it waits
            case MeansToMove(at=datetime() as at, at_once=False) if at > d.now:
                if one.claimed_until is None:
                    yield Due(at, partial(drop, d, one))


def drop(d: Draft, pending: Pending) -> None:
    d.outbox = [one for one in d.outbox if one is not pending]


def matters(d: Draft, pending: Pending) -> bool:
    return current(d, pending) is not None and not is_repeated_later(d, pending)


def is_repeated_later(d: Draft, pending: Pending) -> bool:
    """Of the words about one stay, and of those about one post, the last counts. (Of answers
    only one waits: `answer_to`.)
    """
    about = matter(pending.effect)
    return about is not None and any(
        later.id > pending.id and later.to == pending.to and matter(later.effect) == about
        for later in d.outbox
    )


def matter(effect: Effect) -> tuple[str, int] | None:
    match effect:
        case Nudged(stay=stay):
            return "stay", stay
        case PortPost(post) | PleaseMove(post):
            return "post", post
        case NextUp(post=post) | MeansToMove(post=post) | Promised(post=post) if post:
            return "place", post
        case _:
            return None


def current(d: Draft, pending: Pending) -> Effect | None:
    """The effect as it should be said now; None: not at all."""
    effect = pending.effect
    if isinstance(effect, Answer):
        return answer(d, effect)
    for ask in (of_turns, of_places, of_ports, of_stays, of_the_house, of_needs, of_boards):
        said = ask(d, effect, pending)
        if said is not effect:
            return said
    return effect


def is_too_late(d: Draft, pending: Pending) -> bool:
    """Whoever was to hear it has given up waiting: asked as it is about to be sent."""
    match pending.effect:
        case BoardPost():
            return is_shown(d, pending)
        case Withdrawn(why=Withdrawal.NIGHT | Withdrawal.YESTERDAY) | LineCleared():
            return hours.next_opening(d, pending.queued_at) <= d.now
        case effect if pending.asker and not isinstance(effect, say.PUBLIC):
            return d.now - pending.queued_at >= OLD_ANSWER
        case _:
            return False
