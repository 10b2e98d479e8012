"""The words of needs: what is asked, noted and met (rules 28 and 29)."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.chat.needs import PICK
from chalicelib.core import answers as say, effects as tell
from chalicelib.core.answers import FormName
from chalicelib.core.effects import Nudge
from chalicelib.core.rules import charging

from .amounts import need_words, number
from .format import Button, Speech, Words
from .outlook import about, most_of_a_stay, odds_words

MINUTE = timedelta(minutes=1)
CHOICES = (6.0, 12.0)  # kWh, of whom nothing is known yet


# --- answers -------------------------------------------------------------------------------


def need_noted(answer: say.NeedNoted, s: Speech) -> str:
    """`need`, said or asked for."""
    parts = [said(answer, s), energy(answer, s), hopes(answer)]
    if answer.need is not None and not answer.met and answer.until is not None:
        parts.insert(2, f"Your time is up at {s.at(answer.until)}, if people wait then.")
    elif answer.need is not None and not answer.met and answer.done_at is not None:
        parts.insert(2, f"You should have it at about {about(answer.done_at, s)}.")
    return " ".join(part for part in parts if part)


def hopes(answer: say.NeedNoted) -> str:
    """What can be said of a need: by its time, or before the stay is over."""
    need = answer.need
    if need is None or need.by is not None or answer.until is not None:
        return odds_words(answer.odds, answer.at_most)
    return most_of_a_stay(answer.at_most)


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
        text += f" You should have what you need at about {about(message.end, s)}."
    if message.question is None:
        return Words(text)
    asks = question_words(message.question)
    return Words(f"{text} {asks}", question_buttons(message.question, s))


def how_much(message: tell.HowMuch, s: Speech) -> Words:
    text = f"Somebody waits for a charger now, and you're on {s.port(message.port)}."
    asks = question_words(message.question)
    return Words(f"{text} {asks}", question_buttons(message.question, s))


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
