"""The words of a stay's end: to its driver, and the plea in the channel (rules 16 to 19, 31)."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from chalicelib.core import effects as say
from chalicelib.core.effects import (
    ChannelReminder,
    Nudge,
)

from . import needs, outlook
from .format import Button, Speech, Words, people


def nudged(nudge: say.Nudged, s: Speech) -> str:
    """Rules 16, 18 and 19: first in private, early and kindly."""
    where = s.port(nudge.port)
    waits = f" {people(nudge.waiting).capitalize()}." if nudge.waiting else ""
    slow = " (Power is limited, so minutes count less.)" if nudge.capped else ""
    match nudge.why:
        case Nudge.NOTICE if needs.is_met_then(nudge, s):
            return f"You should have what you need on {where} at about {outlook.about(nudge.ends, s)}.{waits}"
        case Nudge.NOTICE:
            return f"Your time on {where} is up at {s.at(nudge.ends)}.{waits}{slow}"
        case Nudge.OVER | Nudge.FULL if not nudge.waiting:
            return f"{over(nudge, s)}. Nobody waits: stay if you like."
        case Nudge.OVER | Nudge.FULL:
            return f"{over(nudge, s)}.{waits} Please make room when you can.{slow}"
        case Nudge.WAITING:
            who = people(nudge.waiting or 1).capitalize()
            return f"{who} for a charger. {over(nudge, s)}. Could you move?{slow}"
        case Nudge.CHARGING:
            return (
                f"Power flows again on {where}, so your car isn't full after all. "
                f"Your time there is up at {s.at(nudge.ends)}.{waits}"
            )
        case Nudge.MET | Nudge.USUAL:
            return needs.met(nudge, s) + waits
        case Nudge.NO_POWER:
            return f"Your car is plugged in at {where}, but no power flows. Check the plug, or a timer in the car?"
        case never:
            assert_never(never)


def over(nudge: say.Nudged, s: Speech) -> str:
    """Why it is over: full, or at the limit."""
    where = s.port(nudge.port)
    port = s.site.ports.get(nudge.port)
    stay = port.stay if port is not None else None
    if nudge.why is Nudge.WAITING and stay and stay.met_at is not None and not stay.full_told:
        return f"Your car on {where} has what you need"
    if nudge.why is Nudge.FULL or (nudge.why is Nudge.WAITING and stay and stay.full_told):
        return f"Your car on {where} looks full: no power for a while"
    return f"Your time on {where} is up"


def nudge_buttons(nudge: say.Nudged, s: Speech) -> tuple[Button, ...]:
    moving = s.button("Done, moving", "moving", nudge.stay)
    port = s.site.ports.get(nudge.port)
    had_more = port is not None and port.stay is not None and port.stay.ladder.extended
    match nudge.why:
        case Nudge.OVER | Nudge.FULL if not nudge.waiting:
            return ()
        case Nudge.OVER | Nudge.WAITING | Nudge.FULL if not had_more:
            more = f"{s.site.policy.extension / timedelta(minutes=1):g} more minutes"
            return (moving, s.button(more, "more_minutes", nudge.stay))
        case Nudge.OVER | Nudge.WAITING | Nudge.FULL | Nudge.NOTICE:
            return (moving,)
        case Nudge.MET | Nudge.USUAL:
            soon = s.button("Moving in 15 min", "moving_soon", nudge.stay, "moving in 15 min")
            need = s.button("I need more", "more_minutes", nudge.stay, "more")
            return (moving, soon) if had_more else (moving, soon, need)
        case Nudge.NO_POWER | Nudge.CHARGING:
            return ()
        case never:
            assert_never(never)


def please_move(plea: say.PleaseMove, s: Speech) -> Words:
    """Rule 16: the channel is asked once, politely, by name."""
    where = s.port(plea.port)
    match plea.plea:
        case ChannelReminder.ASK if plea.driver is None:
            return Words(
                f"Whoever is on {where}: your time is up and people wait. Could you make room?",
                (s.button("That's me", "thats_me", plea.stay, f"in {where}"),),
            )
        case ChannelReminder.ASK:
            who = s.mention(plea.driver or "")
            return Words(f"{who}, people wait: could you free {where}? Thank you.")
        case ChannelReminder.OVERTIME:
            who = s.mention(plea.driver) if plea.driver else "Whoever is there"
            return Words(f"Time is up on {where}. {who}, please make room when you can.")
        case ChannelReminder.MORE_TIME:
            return Words(f"{s.name(plea.driver)} needs {where} a while longer.")
        case ChannelReminder.MOVING:
            return Words(f"{s.name(plea.driver)} is freeing {where}. Thank you.")
        case ChannelReminder.CHARGING:
            whose = f"{s.name(plea.driver)}'s car" if plea.driver else "The car"
            return Words(f"{whose} on {where} draws power again, so it isn't full after all.")
        case ChannelReminder.GONE:
            return Words(f"{s.the_port(plea.port)} was freed. Thank you.")
        case never:
            assert_never(never)
