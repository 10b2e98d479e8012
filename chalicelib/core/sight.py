"""Sight: knowing that we do not know (rule 23)."""

from __future__ import annotations

from .draft import Draft
from .effects import SightBack, SightLost
from .turns import restart_clocks


def lose_sight(d: Draft) -> bool:
    """No good look for minutes: told once. No calls, and turn clocks stand still."""
    if d.blind or d.looked_at is None or d.sees:
        return False
    d.blind = True
    d.note("sight lost")
    d.announce(SightLost(d.looked_at))
    return True


def see_again(d: Draft) -> None:
    """A good look after a gap: a full window for whoever is called; a word if the channel knew."""
    restart_clocks(d)
    if d.blind:
        d.blind = False
        d.note("sight back")
        d.announce(SightBack())


DUE = (lose_sight,)
