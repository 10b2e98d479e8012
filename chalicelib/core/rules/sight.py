"""Sight: knowing that we do not know (rule 23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import AccessProblem, SightBack, SightLost, Unwatched
from chalicelib.core.model import What

from .turns import restart_clocks


def lose_sight(d: Draft) -> Iterator[Due]:
    """No good look for minutes: no calls, and turn clocks stand still."""
    if d.looked_at is not None and not (d.blind or d.stations.is_manual):
        yield Due(d.looked_at + d.policy.blind, partial(go_blind, d))


def go_blind(d: Draft) -> None:
    d.blind = True
    d.note(What.BLIND)


def tell_lost_sight(d: Draft) -> Iterator[Due]:
    """The channel hears it once; of what was lost at night, in the morning."""
    since = d.looked_at
    if d.blind and not d.blind_told and since is not None:
        yield Due(since, partial(tell_blind, d, since), spoken=True)


def tell_blind(d: Draft, since: datetime) -> None:
    d.blind_told = True
    d.announce(SightLost(since))


def hinder(d: Draft, why: AccessProblem) -> None:
    """Only the operator can bring sight back: the admins hear it, once for each reason until
    the next good look.

    They sleep at night: what still stands in the morning is reported again by then. A
    listener that is missed while sight is fresh is being replaced.
    """
    if d.stations.is_manual or why in d.hindrances or not d.speaks:
        return
    if why is AccessProblem.NO_LISTENER and d.sees:
        return
    d.hindrances = (*d.hindrances, why)
    d.alarm(Unwatched(why))


def see_again(d: Draft) -> None:
    """A good look after a gap: a full window for whoever is called; a word if the channel knew."""
    restart_clocks(d)
    if d.blind:
        d.note(What.SEEING)
    if d.blind_told:  # where the loss was not said yet, there is nothing to take back
        d.announce(SightBack(), but=d.take_back(SightLost))
    d.blind = d.blind_told = False
