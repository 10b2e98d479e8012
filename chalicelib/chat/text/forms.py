"""The words of forms: their titles, labels and errors. Labels are at most 24 characters, which
is what every platform takes.
"""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.chat.forms import POLICIES, Field, Form, Kind, Wrong
from chalicelib.core.answers import FormName, FormOf, Misreading, Refusal, Refused
from chalicelib.core.inputs import Told
from chalicelib.core.model import NO_PREFERENCES, IdleReminder, Order, Policy
from chalicelib.core.policy import Unfit, written
from chalicelib.energy.needs import Need, Unit

from . import lists, refusals
from .amounts import number
from .format import Speech, people

TITLES = {
    FormName.JOIN: "Join the line",
    FormName.NEED: "What I need",
    FormName.SETTINGS: "My settings",
    FormName.TURNS: "Settings: turns",
    FormName.CHARGING: "Settings: charging",
    FormName.HOURS: "Settings: hours",
    FormName.POWER: "Settings: power",
}
LABELS = {
    "answer": "To answer a call",
    "on_my_way": "To come, once on the way",
    "idle": "A called port stays idle",
    "sit_out": "Not called after a pass",
    "order": "Who is called first",
    "limit": "Charging time",
    "limit_said": "… where a need is said",
    "notice": "Notice before its end",
    "patience": "Between reminders",
    "extension": "Extra time, once",
    "opens": "The line opens",
    "closes": "The line closes",
    "workdays": "Working days",
    "speaks_from": "The channel is told from",
    "speaks_until": "The channel is told till",
    "idle_reminder": "An idle port is told of",
    "rated_kw": "A port gives (kW)",
    "standby_kw": "Less is no power (kW)",
    "full": "Full without power for",
    "no_power": "No power yet for",
    "km_per_kwh": "km of a kWh",
}
CHOICES: dict[StrEnum, str] = {
    Order.ARRIVAL: "who came first",
    Order.FAIR: "fair: who had least",
    IdleReminder.WAITING: "while somebody waits",
    IdleReminder.ALWAYS: "always",
}
WRONG: dict[Wrong, str] = {
    Misreading.UNIT: "12 what? Say the unit, too: 12 kWh, 60 km, 40 mi or 90 min.",
    Misreading.NOTHING: "That is nothing to charge. Try 12 kWh.",
    Misreading.TOO_MUCH: "That is more than a car takes in a day. Try 12 kWh, or full.",
    Misreading.PERCENT: "I can't see how full your battery is. Say 12 kWh, 60 km or full.",
    Misreading.AMOUNT: "I can't read that as a need. Try 12 kWh, 60 km, 90 min or full.",
    Misreading.BY: "I can't read that as a time of today. Try 16:00.",
    Misreading.EXTRA: "Say the time once: here, or in the other field.",
    Misreading.LENGTH: "Quiet hours need both times, or neither.",
    Misreading.VALUE: "I can't read that. It looks like the example.",
    Unfit.LENGTH: "That must be more than nothing, and at most a day.",
    Unfit.LOOKS: "I look once a minute, so that must be more than 1 min.",
    Unfit.POWER: "That must be more than 0 and less than 1000.",
    Unfit.ORDER: "The day must end after it begins.",
}
REFUSED = {
    Refusal.BAD_LENGTH: WRONG[Unfit.LENGTH],
    Refusal.BAD_HOURS: WRONG[Unfit.ORDER],
    Refusal.BAD_BLIND: WRONG[Unfit.LOOKS],
    Refusal.BAD_POWER: WRONG[Unfit.POWER],
}
NOT_OPENED = (
    "The form didn't open in time; nothing was changed. Press again, or type it: {instead}"
)
SENT = "Done"


def form_of(told: FormOf, s: Speech) -> Form:
    """The form with what stands in it now."""
    name = told.form
    if name in POLICIES:
        return Form(name, s.site.id, TITLES[name], "Save", policy_fields(name, s.site.policy))
    if name is FormName.SETTINGS:
        return Form(name, s.site.id, TITLES[name], "Save", own_fields(told, s))
    submit = "Join" if name is FormName.JOIN else "Save"
    return Form(name, s.site.id, TITLES[name], submit, need_fields(told, s), intro(told, s))


def intro(told: FormOf, s: Speech) -> str:
    if told.form is FormName.JOIN:
        waiting = people(len(lists.waiting(s.site)))
        return f"{waiting[:1].upper()}{waiting[1:]}. What you need may stay empty."
    return f"{lists.standing(told.driver, s)} Leave both empty to take your need back."


def instead(told: FormOf, s: Speech) -> str:
    """What to type where there is no form."""
    match told.form:
        case FormName.JOIN:
            return f"`{s.ev} add 12 kWh by 16:00` puts you in line and says what you need."
        case FormName.NEED:
            return f"`{s.ev} need 12 kWh by 16:00` says it, `{s.ev} need none` takes it back."
        case FormName.SETTINGS:
            return f"`{s.ev} settings` shows your settings, and how to change each."
        case _:
            key = POLICIES[told.form][0]
            return f"`{s.ev} admin set {key} {written(getattr(s.site.policy, key))}` sets one; `{s.ev} admin show` lists all."


def need_fields(told: FormOf, s: Speech) -> tuple[Field, ...]:
    need = need_now(told.driver, s)
    by = picked(need.by, s) if need is not None and need.by is not None else ""
    return (
        Field(
            "amount", "How much", value=typed_need(need), example="12 kWh, 60 km, 90 min or full"
        ),
        Field("by", "By when", Kind.TIME, value=by, example="16:00", hint="Today."),
    )


def picked(moment: datetime, s: Speech) -> str:
    """A time as pickers have it, whatever clock its reader likes."""
    return f"{moment.astimezone(ZoneInfo(s.site.timezone)):%H:%M}"


def own_fields(told: FormOf, s: Speech) -> tuple[Field, ...]:
    person = s.site.people.get(told.driver)
    mine = (person.preferences if person is not None else None) or NO_PREFERENCES
    how = Told.QUIET if mine.quiet else Told.HERE if mine.calls_in else Told.DM
    begins, until = (f"{at:%H:%M}" for at in mine.hours) if mine.hours is not None else ("", "")
    ways = tuple((one.value, TOLD[one]) for one in Told)
    clocks = (("24", "15:04"), ("12", "3:04 pm"))
    status = (("off", "call me all the same"), ("on", "don't call me"))
    heeds, clock = "on" if mine.heeds_status else "off", "12" if mine.twelve else "24"
    return (
        Field("told", "How I tell you", Kind.CHOICE, how.value, choices=ways, needed=True),
        Field("quiet_from", "Quiet from", Kind.TIME, begins, "22:00", hint=QUIET_HINT),
        Field("quiet_until", "Quiet until", Kind.TIME, until, "07:00"),
        Field("meetings", "If I'm in a meeting", Kind.CHOICE, heeds, hint=STATUS_HINT, choices=status, needed=True),
        Field("clock", "Times look like", Kind.CHOICE, clock, choices=clocks, needed=True),
    )  # fmt: skip


TOLD = {
    Told.DM: "directly",
    Told.HERE: "calls in the channel",
    Told.QUIET: "directly, only what can't wait",
}
QUIET_HINT = "No calls then; your place is kept. Empty: none."
STATUS_HINT = "By your status, where I can see it."


def need_now(driver: str, s: Speech) -> Need | None:
    """What was said of the stay under way, or of the one to come."""
    port = s.port_of(driver)
    if port is not None and port.stay is not None:
        return port.stay.need
    return next((one.need for one in s.site.queue if one.driver == driver), None)


def typed_need(need: Need | None) -> str:
    """A need as somebody would type it."""
    if need is None:
        return ""
    return "full" if need.unit is Unit.FULL else f"{number(need.amount)} {need.unit}"


def policy_fields(name: FormName, policy: Policy) -> tuple[Field, ...]:
    return tuple(policy_field(key, getattr(policy, key)) for key in POLICIES[name])


def policy_field(key: str, now: object) -> Field:
    if isinstance(now, StrEnum):
        choices = tuple((one.value, CHOICES[one]) for one in type(now))
        return Field(key, LABELS[key], Kind.CHOICE, now.value, choices=choices, needed=True)
    kind = Kind.TIME if isinstance(now, time) else Kind.TEXT
    example = written(getattr(Policy(), key))
    return Field(key, LABELS[key], kind, written(now), example, needed=True)


def refused(no: Refused, s: Speech) -> str:
    """A refusal, under the field that it is about."""
    return REFUSED.get(no.why) or refusals.refused(no, s)
