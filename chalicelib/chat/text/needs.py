"""The words of needs, times to come and hand-overs (rules 28 to 37)."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.chat.needs import PICK
from chalicelib.core import answers as say, effects as tell
from chalicelib.core.answers import Expected, FormName, Odds, Refusal
from chalicelib.core.effects import Danger, Nudge, PromiseNews
from chalicelib.core.rules import charging
from chalicelib.energy.needs import Need, Unit

from .format import Button, Speech, Words

MINUTE = timedelta(minutes=1)
CHOICES = (6.0, 12.0)  # kWh, of whom nothing is known yet


# --- small words ----------------------------------------------------------------------


def number(amount: float) -> str:
    """`12`, `8.4`."""
    return f"{amount:.1f}".removesuffix(".0")


def amount_of(need: Need) -> str:
    """`12 kWh`, `60 km`, `90 min`, `a full charge`."""
    if need.unit is Unit.FULL:
        return "a full charge"
    return f"{number(need.amount)} {need.unit}"


def need_words(need: Need, s: Speech) -> str:
    """`12 kWh by 16:00`."""
    by = f" by {s.at(need.by)}" if need.by is not None else ""
    return f"{amount_of(need)}{by}"


def wanted(driver: str, s: Speech) -> str:
    """What somebody in line has said they need: `, for 12 kWh by 16:00`."""
    need = s.need_of(driver)
    return f", for {need_words(need, s)}" if need is not None else ""


def expected_words(expected: Expected | None, s: Speech) -> str:
    """When somebody should be called, as a sentence; "" when that can't be said."""
    if expected is None:
        return ""
    if expected.at is not None:
        return f"A port should be free at about {s.at(expected.at)}."
    if expected.not_before is not None:
        return f"A port not before {s.at(expected.not_before)}, as it looks."
    if expected.hardly:
        return f"Hardly {until(expected, s)}, as it looks."
    if expected.behind is not None:
        return f"No time yet: {late(expected, s)}"
    return ""


def late(expected: Expected, s: Speech) -> str:
    """`Bob's time was up at 11:20.`"""
    whose = f"{s.name(expected.behind)}'s" if expected.behind else "a car's"
    return f"{whose} time was up at {s.at(expected.up_at)}."


def short(expected: Expected | None, s: Speech) -> str:
    """The same in a list: `, about 11:50`."""
    if expected is None:
        return ""
    if expected.at is not None:
        return f", about {s.at(expected.at)}"
    if expected.not_before is not None:
        return f", not before {s.at(expected.not_before)}"
    return f", hardly {until(expected, s)}" if expected.hardly else ""


def until(expected: Expected, s: Speech) -> str:
    """What "hardly" is about: the day, or the time that they said."""
    return f"by {s.at(expected.by)}" if expected.by is not None else "today"


def odds_in_line(driver: str, odds: Odds | None, at_most: float | None, s: Speech) -> str:
    """The same where the need itself isn't said: by when, so that it isn't taken for the port's
    time.
    """
    need = s.need_of(driver)
    if need is None or need.by is None:
        return odds_words(odds, at_most)
    by = f"by {s.at(need.by)}"
    if at_most is not None:
        return f"{by.capitalize()} a port gives about {number(at_most)} kWh at most."
    match odds:
        case Odds.PROMISED:
            return f"The need {by} is promised."
        case Odds.LIKELY:
            return f"The need {by} is likely to be met."
        case Odds.HARDLY:
            return f"The need {by} will hardly be met."
        case None:
            return ""


def odds_words(odds: Odds | None, at_most: float | None) -> str:
    """What can be said of a need with a time; a port's most, where that is less."""
    if at_most is not None:
        return f"By then a port gives about {number(at_most)} kWh at most."
    match odds:
        case Odds.PROMISED:
            return "That is promised."
        case Odds.LIKELY:
            return "That is likely."
        case Odds.HARDLY:
            return "That will hardly do."
        case None:
            return ""


# --- answers -------------------------------------------------------------------------------


def added(answer: say.Added, s: Speech) -> str:
    need = wanted(answer.driver, s)
    if answer.port is not None:
        return f"{s.name(answer.driver)} is called to {s.port(answer.port)} right away{need}."
    parts = (
        f"{s.name(answer.driver)} is number {answer.place} in line{need}{not_before(answer.away_until, s)}.",
        expected_words(answer.expected, s),
        odds_in_line(answer.driver, answer.odds, answer.at_most, s),
    )
    return " ".join(part for part in parts if part)


def not_before(away_until: datetime | None, s: Speech) -> str:
    """Rule 41: quiet hours, or a meeting."""
    return f", to be called from {s.at(away_until)} on" if away_until is not None else ""


def your_place(answer: say.YourPlace, s: Speech) -> str:
    need = wanted(answer.driver, s)
    if answer.port is not None:
        return f"It's your turn already{need}: {s.port(answer.port)} is kept for you{s.turn_until(answer.driver)}."
    parts = (
        f"You're in line already{need}: number {answer.place}{not_before(answer.away_until, s)}.",
        expected_words(answer.expected, s),
        odds_in_line(answer.driver, answer.odds, answer.at_most, s),
    )
    return " ".join(part for part in parts if part)


def need_noted(answer: say.NeedNoted, s: Speech) -> str:
    """`need`, said or asked for."""
    parts = [said(answer, s), energy(answer, s), odds_words(answer.odds, answer.at_most)]
    if answer.need is not None and not answer.met and answer.done_at is not None:
        parts.insert(2, f"You should have it at about {about(answer.done_at, s)}.")
    return " ".join(part for part in parts if part)


def said(answer: say.NeedNoted, s: Speech) -> str:
    if answer.need is not None:
        noted = "Noted" if answer.changed else "You need"
        where = f" for your car on {s.port(answer.port)}" if answer.port else ""
        return f"{noted}{where}: {need_words(answer.need, s)}."
    if answer.usual is not None:
        return f"You've said no need, so I reckon with your usual {number(answer.usual)} kWh, a guess. `{s.ev} need 12 kWh` says it."
    return f"You've said no need. `{s.ev} need 12 kWh`, `60 km`, `90 min` or `full` says it."


def energy(answer: say.NeedNoted, s: Speech) -> str:
    """How much there is, where the car is on a port."""
    if answer.kwh is None:
        return ""
    about = "about " if answer.about else ""
    where = f" on {s.port(answer.port)}" if answer.port and answer.need is None else ""
    has = f"You have {about}{number(answer.kwh)} kWh{where} so far"
    if answer.met:
        asks = f", so you should have it: done? `{s.ev} moving`" if answer.about else ""
        return f"{has}{asks or ', so you have what you need'}."
    return f"{has}."


def whenever(answer: say.Whenever, s: Speech) -> str:
    told = answer.expected
    if answer.free:
        return f"A port is free now: `{s.ev} add` calls you to it."
    yours = (
        "You should be called" if answer.in_line else "If you stood in line now, you'd be called"
    )
    if told.at is not None:
        return f"{yours} at about {s.at(told.at)}."
    if told.not_before is not None:
        return f"{yours} not before {s.at(told.not_before)}, as it looks."
    if told.hardly:
        who = "you will" if answer.in_line else "you would"
        return f"As it looks, {who} hardly be called {until(told, s)}."
    if told.behind is not None:
        return f"I can't name a time: {late(told, s)}"
    return f"I can't name a time just now. `{s.ev} status` shows the chargers and your place."


def unplug_noted(answer: say.UnplugNoted, s: Speech) -> str:
    if answer.ok:
        return f"Thank you. When your car is done and somebody waits, they may unplug it, and I tell you. `{s.ev} unplug no` changes that."
    told = (
        f" {s.name(answer.holder)} was called to your port, and hears it now."
        if answer.holder
        else ""
    )
    return f"Fine: nobody is called to unplug your car.{told} `{s.ev} unplug yes` changes that."


def moves_at(answer: say.MovesAt, s: Speech) -> Words:
    told = f" {s.name(answer.told)}, who is next, knows." if answer.told else ""
    return Words(
        f"Thank you: {s.port(answer.port)} at about {s.at(answer.at)}.{told}",
        (s.button("Not yet", "not_yet", answer.stay, "not yet"),),
    )


def stays_yet(answer: say.StaysYet, s: Speech) -> str:
    if answer.next_up:
        called = s.name(answer.next_up)
        return f"Fine, not yet. Your car is done, so {called} is called to unplug it now, as you allowed. `{s.ev} unplug no` changes that."
    told = f" {s.name(answer.told)}, who is next, hears it." if answer.told else ""
    return f"Fine, not yet.{told}"


def gave(answer: say.Gave, s: Speech) -> str:
    what = f"the turn on {s.port(answer.port)}" if answer.port else f"place {answer.place} in line"
    return f"{s.name(answer.driver)} gave {what} to {s.name(answer.to)}."


def port_barred(answer: say.PortBarred, s: Speech) -> str:
    where, label = s.port(answer.port), s.label(answer.port)
    if answer.ok:
        return f"Fine: you can be called to {where} again."
    place = ", and you keep your place" if s.stands(answer.driver) else ""
    if answer.none_left:
        return f"Noted, but then no port here is left for you. `{s.ev} can use {label}` takes it back."
    return (
        f"Noted: I won't call you to {where} again{place}. `{s.ev} can use {label}` takes it back."
    )


def refused(no: say.Refused, s: Speech) -> str:
    """Each refusal in its own words, with the way on."""
    port, who = s.port(no.port), s.name(no.other)
    words = {
        Refusal.NO_PLACE: f"{who} is neither in line nor on a port."
        if no.other
        else f"You're neither in line nor on a port. `{s.ev} add 12 kWh` puts you in line and says it.",
        Refusal.RAISED_ONCE: "People wait, and you've raised it once already. You can lower it at any time.",
        Refusal.MOVES_TOO_FAR: f"{s.at(no.at)} is more than half an hour ahead. Say it when it's nearer: `{s.ev} moving in 20 min`.",
        Refusal.MOVED_ONCE: f"You've said that once for this stay. When you go, just unplug; thank you for freeing {port}.",
        Refusal.NOT_MOVING: "I'm not reckoning with your moving just now, so there is nothing to take back.",
        Refusal.OWN_PLACE: f"That's you. Somebody else in line: `{s.ev} give @bob`.",
        Refusal.NOT_FOR_THEM: f"{who} can't take your place just now: they're called themselves, or can't be called to your port.",
        Refusal.NO_GAIN: f"{who} stands before you in line, so your place would only put them back.",
        Refusal.ON_A_PORT: f"{who}'s car is on {port}, so there is nothing to give.",
    }
    return words[no.why]


# --- notices -------------------------------------------------------------------------------


def question_words(question: tell.Question) -> str:
    """The one question after plugging in."""
    parts = []
    if question.how_much:
        usual = ""
        if question.usual is not None:
            usual = (
                f" Until you say, I reckon with your usual {number(question.usual)} kWh, a guess."
            )
        parts.append(f"How much today?{usual}")
    if question.unplug:
        also = "And may" if question.how_much else "May"
        parts.append(f"{also} the next one unplug you when you're done?")
    return " ".join(parts)


def question_buttons(question: tell.Question, s: Speech) -> tuple[Button, ...]:
    """How much, and whether to unplug; each has an action of its own, as Slack wants it."""
    buttons = []
    if question.how_much:
        for action, kwh in zip(("need", "need_more"), choices(question.usual), strict=True):
            label = f"{number(kwh)} kWh" + (" (as usual)" if kwh == question.usual else "")
            value = question.stay * PICK + round(kwh * 10)
            buttons.append(s.button(label, action, value, f"need {number(kwh)} kWh"))
        buttons.append(s.button("Full", "need_full", question.stay * PICK, "need full"))
        buttons.append(s.form("Other…", FormName.NEED))
    if question.unplug:
        buttons.append(s.button("Yes, unplug me", "unplug_yes", question.stay))
        buttons.append(s.button("Don't unplug", "unplug_no", question.stay))
    return tuple(buttons)


def choices(usual: float | None) -> tuple[float, ...]:
    """What the buttons offer: the usual and half as much again."""
    if usual is None:
        return CHOICES
    usual = min(999.0, max(0.5, usual))
    return usual, float(round(usual * 1.5 + 0.5))


def plugged_in(message: tell.PluggedIn, s: Speech) -> Words:
    text = f"You're charging on {s.port(message.port)}, so I took you off the line."
    if message.end is not None:
        text += f" You should have what you need at about {s.at(message.end)}."
    if message.question is None:
        return Words(text)
    asks = question_words(message.question)
    return Words(f"{text} {asks}", question_buttons(message.question, s))


def how_much(message: tell.HowMuch, s: Speech) -> Words:
    text = f"Somebody waits for a charger now, and you're on {s.port(message.port)}."
    asks = question_words(message.question)
    return Words(f"{text} {asks}", question_buttons(message.question, s))


def unplugged_by(message: tell.UnpluggedBy, s: Speech) -> str:
    return f"Your car was done, and {s.one(message.by)} has plugged in at {s.port(message.port)} now, as you allowed. Please move when you can."


def means_to_move(message: tell.MeansToMove, s: Speech) -> str:
    if message.at is None:
        return f"{s.name(message.who)} can't move from {s.port(message.port)} yet after all. You keep your place."
    if message.called:
        moves = (
            "is moving now" if message.at_once else f"means to move at about {s.at(message.at)}"
        )
        return f"{s.name(message.who)} {moves}, so your turn there is off: I'll call you when {s.port(message.port)} is free. You keep your place."
    kept = kept_in_mind(message.driver, s)
    if message.at_once:
        return f"{s.name(message.who)} is moving now; {s.port(message.port)} should be yours soon. I'll call you when it's free.{kept}"
    return f"{s.name(message.who)} means to move at about {s.at(message.at)}; {s.port(message.port)} should be yours then. I'll call you when it's free.{kept}"


def kept_in_mind(driver: str, s: Speech) -> str:
    """A promise, in what takes the place of the message that told it."""
    mine = (one for one in s.site.queue if one.driver == driver)
    entry = next(mine, None)
    if entry is None or entry.need is None or entry.promise is None:
        return ""
    if entry.promise.made and not entry.promise.warned:
        return f" {amount_of(entry.need)} by {s.at(entry.promise.by)} is promised."
    return ""


def foreseen(message: tell.Foreseen, s: Speech) -> str:
    if message.expected.not_before is not None:
        return f"As it looks, your turn comes not before {s.at(message.expected.not_before)}."
    return f"As it looks, your turn will hardly come {until(message.expected, s)}. You keep your place; `{s.ev} remove` if you'd rather not wait."


WHY = {
    Danger.SLOW: "less power flows than I thought",
    Danger.CAPPED: "the power is limited",
    Danger.LATE: "the ports turn over later than I thought",
    Danger.FULL_EARLY: "your car is full",
}


def promised(message: tell.Promised, s: Speech) -> str:
    what = f"{amount_of(message.need)} by {s.at(message.by)}"
    match message.news:
        case PromiseNews.MADE:
            known = any(one.driver == message.driver and one.told_next for one in s.site.queue)
            return f"Promised: {what}.{' You are next.' if known else ''}"
        case PromiseNews.IN_DANGER:
            why = WHY[message.why or Danger.LATE]
            return f"I promised you {what}, and that is in danger: {why}. I'll tell you if it holds after all."
        case PromiseNews.HOLDS:
            return f"It holds after all: {what}."
        case PromiseNews.BROKEN:
            return f"I'm sorry: I promised you {what}, and couldn't keep it."


def may_start_late(port_id: str, s: Speech) -> str:
    """What a call says of a port without power."""
    port = s.site.ports.get(port_id)
    is_off = port is not None and port.is_off
    return " Its power is turned off for now, so it may start late." if is_off else ""


def to_unplug(message: tell.GivenTo, s: Speech) -> str:
    """What a call says of a car that may be unplugged."""
    turns = (one.turn for one in s.site.queue if one.turn is not None)
    port = s.site.ports.get(message.port or "")
    unplugs = any(turn.id == message.turn and turn.unplugs for turn in turns)
    if not unplugs or port is None or port.stay is None or port.stay.driver is None:
        return ""
    return f" {s.name(port.stay.driver)}'s car there is done and may be unplugged; mind the cable."


def given_to(message: tell.GivenTo, s: Speech) -> Words:
    giver = s.name(message.by)
    if message.port is None:
        return Words(f"{giver} gave you their place: you're number {message.place} in line.")
    until = f" by {s.at(message.deadline)}" if message.deadline and s.turns_lapse else ""
    turns = (one.turn for one in s.site.queue if one.turn is not None)
    is_coming = any(turn.id == message.turn and turn.coming for turn in turns)
    return Words(
        f"{giver} gave you their turn: plug in at {s.port(message.port)}{until}.{to_unplug(message, s)}{may_start_late(message.port, s)}",
        (
            *(() if is_coming else (s.button("On my way", "on_my_way", message.turn),)),
            s.button("Pass", "pass", message.turn),
            s.button("Leave", "leave", message.turn),
            s.button("Can't use it", "cannot_use", message.turn, "can't use"),
        ),
    )


def met(nudge: tell.Nudged, s: Speech) -> str:
    """You have what you need, or what you usually take: reckoned energy is asked, not said."""
    where = s.port(nudge.port)
    port = s.site.ports.get(nudge.port)
    stay = port.stay if port is not None else None
    taken = stay.taken if stay is not None else None
    if taken is None or taken.about or taken.kw is None:
        much = (
            f"about {number(taken.kwh)} kWh"
            if taken is not None and taken.kwh
            else "what you need"
        )
        return f"You should have {much} on {where}: done?"
    if nudge.why is Nudge.USUAL:
        return f"You have {number(taken.kwh)} kWh on {where}, as much as usual: done?"
    return f"Your car on {where} has {number(taken.kwh)} kWh, so you have what you need. Could you move it?"


def is_met_then(nudge: tell.Nudged, s: Speech) -> bool:
    """What ends is the need, not the time that one may stay."""
    port = s.site.ports.get(nudge.port)
    stay = port.stay if port is not None else None
    if stay is None or stay.need is None or nudge.ends is None:
        return False
    limit = charging.limit(s.site.policy, stay)
    return nudge.ends < charging.reached_at(stay.ladder, limit)


def done_words(at: datetime | None, s: Speech) -> str:
    """In a list of ports: `done at about 11:50`."""
    return f"done at about {about(at, s)}" if at is not None else ""


def about(at: datetime | None, s: Speech) -> str:
    """A time of day to the nearest five minutes, never one that is past."""
    if at is None:
        return s.at(at)
    nearest = datetime.fromtimestamp((at.timestamp() + 150) // 300 * 300, at.tzinfo)
    return s.at(nearest if s.is_ahead(nearest) else nearest + timedelta(minutes=5))
