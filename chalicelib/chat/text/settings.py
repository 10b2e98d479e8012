"""The words about personal settings (rule 41)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from chalicelib.core import answers as say, ways
from chalicelib.core.answers import Changed, Refusal
from chalicelib.core.model import NO_PREFERENCES, Preferences

from .format import Speech

PLATFORMS = {"sms": "by text", "mail": "by mail"}


def words(answer: say.Settings | say.InMeeting, s: Speech) -> str:
    if isinstance(answer, say.InMeeting):
        return in_meeting(answer, s)
    return "\n".join(settings(answer, s))


def settings(answer: say.Settings, s: Speech) -> Iterator[str]:
    """All of them, a line each; or, of what was just changed, how it is now."""
    person = s.site.people.get(answer.driver)
    mine = (person.preferences if person is not None else None) or NO_PREFERENCES
    if answer.changed:
        now = "\n".join(NOW[what](answer.driver, mine, s) for what in answer.changed)
        away = Changed.HOURS in answer.changed and mine.hours is not None
        yield f"Noted. {now}{turn_goes_on(answer.driver, s) if away else ''}"
        return
    if not s.ev:  # by text the shortest will do
        yield brief(answer.driver, mine, s)
        return
    yield f"{told(answer.driver, mine, s)} Change it: `{s.ev} notify here`, `dm` or `quiet`."
    yield f"{hours(answer.driver, mine, s)} Change it: `{s.ev} quiet 22:00-07:00`, `{s.ev} quiet off`."
    yield f"{meetings(answer.driver, mine, s)} Change it: `{s.ev} meetings on`, `off`; or say `{s.ev} meeting until 11:00`."
    yield f"{clock(answer.driver, mine, s)} Change it: `{s.ev} clock 12`, `24`."
    yield unplug(answer.driver, s)


def brief(driver: str, mine: Preferences, s: Speech) -> str:
    quiet = span(mine, s) if mine.hours is not None else "none"
    only = "only what can't wait" if mine.quiet else "all"
    return (
        f"Told {way(driver, s)}: {only}. Quiet hours: {quiet}. Change: `notify quiet`, `notify dm`, "
        "`quiet 22:00-07:00`, `quiet off`, `meeting until 11:00`, `clock 12`."
    )


def way(driver: str, s: Speech) -> str:
    """By which way they are told."""
    platform = ways.told_at(s.site, driver).partition(":")[0]
    return PLATFORMS.get(platform, "directly")


def told(driver: str, mine: Preferences, s: Speech) -> str:
    if mine.quiet:
        return (
            "I write to you only what can't wait: calls, when somebody waits for your port, and a "
            "promise in danger."
        )
    if mine.calls_in in s.site.channels:
        return (
            "I call you in the channel, by mention; what is yours alone I write to you directly."
        )
    return f"I write to you {way(driver, s)}."


def hours(_: str, mine: Preferences, s: Speech) -> str:
    if mine.hours is None:
        return "You have no quiet hours."
    return (
        f"Quiet hours: {span(mine, s)}. I don't call you then; your place is kept, and others "
        "pass."
    )


def span(mine: Preferences, s: Speech) -> str:
    begins, ends = mine.hours or (time(0), time(0))
    return f"{s.clock(begins)} to {s.clock(ends)}"


def clock(_: str, __: Preferences, s: Speech) -> str:
    return f"I write times like {s.clock(time(15, 4))}."


def meetings(_: str, mine: Preferences, s: Speech) -> str:
    now = s.now
    held = mine.busy_until
    said = f" You're in a meeting until {s.at(held)}." if held and now and held > now else ""
    if mine.heeds_status:
        return (
            "While your status says that you are in a meeting, and until when, I don't call "
            f"you.{said}"
        )
    return f"I don't look at your status.{said}"


def unplug(driver: str, s: Speech) -> str:
    person = s.site.people.get(driver)
    may = person.habits.may_unplug if person is not None and person.habits is not None else None
    said = {True: "The next one may unplug you when you're done.", False: "Nobody may unplug you."}
    now = said[may] if may is not None else "You haven't said whether the next one may unplug you."
    return f"{now} Change it: `{s.ev} unplug yes`, `no`."


NOW = {Changed.TOLD: told, Changed.HOURS: hours, Changed.CLOCK: clock, Changed.STATUS: meetings}


def in_meeting(answer: say.InMeeting, s: Speech) -> str:
    if answer.until is None:
        return "The meeting is over: I call you as usual."
    in_line = any(one.driver == answer.driver for one in s.site.queue)
    place = " Your place is kept, and others pass." if in_line else ""
    place = turn_goes_on(answer.driver, s) or place
    until = s.dated(answer.until)
    return f"Noted: I don't call you before {until}.{place} `{s.ev} meeting over` ends it."


def turn_goes_on(driver: str, s: Speech) -> str:
    """Rule 41 leaves a running turn alone: who is called already hears what to do about it."""
    turn = next((one.turn for one in s.site.queue if one.driver == driver), None)
    if turn is None:
        return ""
    where = f"{s.the_port(turn.port)} is kept for you{s.turn_until(driver)} all the same"
    return f" {where}: `{s.ev} pass` lets the next go."


def refused(no: say.Refused, s: Speech) -> str:
    """Why a setting can't be so."""
    match no.why:
        case Refusal.MEETING_PAST:
            past = (
                f"{s.at(no.at)} has gone already" if no.at is not None else "That is over already"
            )
            return f"{past}. Try `{s.ev} meeting 45m`."
        case Refusal.QUIET_ALL_DAY:
            opens, closes = s.clock(s.site.policy.opens), s.clock(s.site.policy.closes)
            return (
                f"That leaves no time between {opens} and {closes} in which I could call you, so I "
                f"did nothing. `{s.ev} suspend` keeps your place; `{s.ev} notify quiet` is for "
                "fewer messages."
            )
        case _:
            return f"I can't see your status here. `{s.ev} meeting until 11:00` tells me by hand."
