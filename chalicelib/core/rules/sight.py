"""Sight: knowing that we do not know (rule 23)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.draft import Draft
from chalicelib.core.effects import AccessProblem, SightBack, SightLost, Unwatched
from chalicelib.core.model import What

from .turns import restart_clocks


def lose_sight(d: Draft) -> bool:
    """No good look for minutes: told once. No calls, and turn clocks stand still."""
    if d.looked_at is None or d.stations.is_manual:
        return False
    if not d.blind:
        if d.now - d.looked_at < d.policy.blind:
            return False
        d.blind = True
        d.note(What.BLIND)
        tell_blind(d, d.looked_at)
        return True
    if not d.blind_told and d.speaks:  # lost at night, and still lost in the morning
        tell_blind(d, d.looked_at)
        return True
    return False


def tell_blind(d: Draft, since: datetime) -> None:
    d.blind_told = d.speaks
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
    d.tell_admins(Unwatched(why))


def see_again(d: Draft) -> None:
    """A good look after a gap: a full window for whoever is called; a word if the channel knew."""
    restart_clocks(d)
    if d.blind:
        d.note(What.SEEING)
    if d.blind_told and not d.take_back(SightLost):
        d.announce(SightBack())
    d.blind = d.blind_told = False


DUE = (lose_sight,)
