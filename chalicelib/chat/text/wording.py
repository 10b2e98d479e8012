"""What the concierge says: one set of words for every platform.

A platform lends its `Markup`; whatever people typed goes through `markup.escape`.
Messages are short, kind, and say what to do next. `text` says it all; buttons only
save typing. The words themselves: `answers`, `messages` and `lists`.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.answers import Answer, Line, Refusal, Refused
from chalicelib.core.effects import Effect, LogOrder, NetworkOrder
from chalicelib.core.model import Site

from . import answers, lists, notices
from .format import Button, Markup, Speech, Words

__all__ = ["Button", "Markup", "Words", "words"]

STORE_DOWN = "I can't reach my notes right now, nothing was changed — try again in a minute."
UNSURE = (
    "I can't reach my notes right now, and don't know whether I wrote that down — "
    "please look at {command} list in a minute."
)
BUSY = "Everybody is talking to me at once; nothing was changed — please try again."
NO_SITE = "This channel has no charging site. Ask whoever runs the concierge to add it."
NO_SITE_YET = (
    "Hello, I keep the line for EV chargers. This channel has no charging site yet.\n"
    "Whoever runs me can add it, by `python -m bot site add`: its address is {channel}, and yours "
    "{you}.\n"
    "Then an admin types `{command} admin setup`, and I walk them through the rest."
)
WHICH_SITE = "I keep more than one car park here: please ask in its channel."
NEWER = (
    "My notes were written by a newer version of me, so I left them alone. Please tell an admin."
)
STRANGE_BUTTON = "That button isn't one of mine any more. {command} status shows where you stand."


def is_passing_remark(effect: Effect) -> bool:
    """Said beside the message that was clicked, whose buttons still hold."""
    return isinstance(effect, Refused) and effect.why is not Refusal.NOT_CALLED


def reader_of(effect: Effect, site: Site, to: str) -> str:
    """Who alone reads what is said at this address; "": a channel does."""
    if "://" in to:  # the answer to a click
        return str(getattr(effect, "driver", ""))
    way, (place, *rest) = site.ways.get(to), to.split("/")
    if way is not None:
        return way.person
    if place in site.channels:  # all of it, or a thread: for one person's eyes, if one is named
        return f"{place.rpartition(':')[0]}:{rest[1]}" if len(rest) > 1 else ""
    return place


def words(
    effect: Effect, site: Site, markup: Markup, now: datetime | None = None, to: str = ""
) -> Words:
    """The effect in words, as the site stands `now`; None: as it was last stepped. `to`: the
    address where they are read.
    """
    speech = Speech(site, markup, now, reader_of(effect, site, to))
    if isinstance(effect, Line):
        return Words("\n".join(lists.line(speech, effect)))
    if isinstance(effect, Answer):
        return answers.words(effect, speech)
    if isinstance(effect, NetworkOrder | LogOrder):
        raise AssertionError(effect)  # not for people
    return notices.words(effect, speech)
