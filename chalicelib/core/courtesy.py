"""Which messages are courtesies (rule 41): kind, useful, and not missed by who wants quiet.

A courtesy is dropped for who wants quiet, in their quiet hours, and once somebody was told as
much in a day as anybody wants to hear. What somebody must know to keep what is theirs, or what
others wait for, is never dropped; nor is an answer, which doesn't come this way.
"""

from __future__ import annotations

from enum import StrEnum

from chalicelib.values import dataclass

from . import effects as say
from .answers import Line
from .effects import Message, Nudge, PromiseNews

MOST_A_DAY = 5  # private messages to one driver, in the ordinary run of things


class Weight(StrEnum):
    """What a message to one person is to them."""

    NEEDED = "needed"  # never dropped, and counted
    COURTESY = "courtesy"  # dropped, and counted
    UNCOUNTED = "uncounted"  # to an admin as such, or asked for: never dropped either


@dataclass(frozen=True, slots=True)
class Weighed:
    """A kind of message, what it is to who gets it, and why."""

    weight: Weight
    why: str


NEEDED, COURTESY, UNCOUNTED = Weight.NEEDED, Weight.COURTESY, Weight.UNCOUNTED

TABLE: dict[type[Message], Weighed] = {
    say.Called: Weighed(NEEDED, "a call: a clock runs"),
    say.Lapsed: Weighed(NEEDED, "the place is suspended until they write"),
    say.Withdrawn: Weighed(NEEDED, "they may be walking to a port that isn't theirs any more"),
    say.TurnPassed: Weighed(NEEDED, "they may be walking to a port that isn't theirs any more"),
    say.GivenTo: Weighed(NEEDED, "it may bring a turn whose clock runs"),
    say.IsItYou: Weighed(NEEDED, "silence costs the turn"),
    say.PluggedIn: Weighed(NEEDED, "they have left the line"),
    say.NoPower: Weighed(NEEDED, "their car doesn't charge, and they still stand in line"),
    say.UnpluggedBy: Weighed(NEEDED, "somebody touched their car"),
    say.CountedUnplugged: Weighed(NEEDED, "if it isn't so, only they can say it"),
    say.AdminMoved: Weighed(NEEDED, "somebody else changed their place"),
    say.DoneForYou: Weighed(NEEDED, "somebody else acted in their name"),
    say.BayBlocked: Weighed(NEEDED, "only they can move what stands there"),
    say.Nudged: Weighed(NEEDED, "somebody waits; see `weight` for the rest"),
    say.Promised: Weighed(NEEDED, "a promise in danger; see `weight` for the rest"),
    say.NextUp: Weighed(COURTESY, "the call itself will come"),
    say.SuspensionOver: Weighed(COURTESY, "they set that time themselves"),
    say.HowMuch: Weighed(COURTESY, "a question; `need` says it at any time"),
    say.MeansToMove: Weighed(COURTESY, "the call itself will come; see `weight` for the rest"),
    say.Foreseen: Weighed(COURTESY, "`when` says it at any time"),
    say.FirstHint: Weighed(COURTESY, "`help` says it at any time"),
    say.StillThere: Weighed(UNCOUNTED, "asking didn't help: over to an admin"),
    say.Disowned: Weighed(UNCOUNTED, "a car that nobody stands by"),
    say.PortBroken: Weighed(UNCOUNTED, "a port that nobody is called to"),
    say.DrewNothing: Weighed(UNCOUNTED, "a port that may be broken"),
    say.HasLeft: Weighed(UNCOUNTED, "somebody's place is gone, and nobody can ask them"),
    say.Unreachable: Weighed(UNCOUNTED, "somebody should be told in person"),
    say.AlarmRaised: Weighed(UNCOUNTED, "the network finds something broken"),
    say.Unwatched: Weighed(UNCOUNTED, "nobody is called until somebody acts"),
    say.SetupTest: Weighed(UNCOUNTED, "asked for"),
    say.ReportPicture: Weighed(UNCOUNTED, "asked for"),
    say.ReportTable: Weighed(UNCOUNTED, "asked for"),
    say.LetGo: Weighed(UNCOUNTED, "to nobody any more"),
    say.SensorAlarm: Weighed(UNCOUNTED, "something is wrong at a bay"),
    say.WayFound: Weighed(UNCOUNTED, "asked for"),
    say.WayLost: Weighed(UNCOUNTED, "they are told elsewhere from now on"),
    say.Undelivered: Weighed(UNCOUNTED, "somebody should be told in person"),
}  # fmt: skip

FOR_ALL: tuple[type[Message], ...] = (  # to channels; `CallOver` only edits
    say.PortPost, say.StandsIdle, say.PleaseMove, say.LineCleared, say.PowerLimited,
    say.CapRefused, say.SightLost, say.SightBack, say.WeeklyReport, say.BoardPost, Line,
    say.CallOver,
)  # fmt: skip
NOTHING_URGENT = (Nudge.NOTICE, Nudge.USUAL)  # the end is said when it comes; a guess
PROMISE_COURTESIES = (PromiseNews.MADE,)  # nothing is to be done


def weight(message: Message) -> Weight:
    """What this message is to who gets it."""
    match message:
        case say.Nudged(why=Nudge.NO_POWER | Nudge.CHARGING):
            return NEEDED  # their car doesn't charge; what they were told isn't so any more
        case say.Nudged(why=why, waiting=waiting):
            return COURTESY if why in NOTHING_URGENT or not waiting else NEEDED
        case say.Promised(news=news):
            return COURTESY if news in PROMISE_COURTESIES else NEEDED
        case say.MeansToMove(called=True):
            return NEEDED  # the only word that their call is off
        case say.BayBlocked(admin=True):
            return UNCOUNTED
        case _:
            known = TABLE.get(type(message))
            return known.weight if known is not None else NEEDED
