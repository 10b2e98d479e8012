"""Forms: what can be filled in instead of typed, the same on every platform.

A `Form` is a title and fields with the values that they have now. Each platform draws it in
its own way (a modal, a dialog) and hands back what was filled in, by the names of the fields;
`read` makes of it the wish that could have been typed. The amounts, lengths and times in it
are read by the same functions as typed ones: there is no second grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from chalicelib.core.acts import SetPolicies
from chalicelib.core.answers import FormName, Misreading, Refusal, Refused
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import Add, Admin, NoNeed, Prefer, SayNeed, Told, Wish
from chalicelib.core.policy import Unfit, UnfitSetting, Value, check
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass

from . import needs, quantities
from .reading import plain, words_of

LONGEST = 150  # characters of a field
MOST_FIELDS = 40


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    TIME = "time"  # of day, `HH:MM`; "" is none
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """`value` is what it has now; `choices` are pairs of a value and its label."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    value: str = ""
    example: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form of one site, ready to be drawn."""

    name: FormName
    site: str
    title: str  # at most 24 characters
    submit: str
    fields: tuple[Field, ...]
    intro: str = ""

    @property
    def before(self) -> dict[str, str]:
        """What it said when it was opened: whatever is still the same was left alone."""
        return {field.name: field.value for field in self.fields}


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it came back. `before`: what it said when it was opened."""

    name: FormName
    site: str
    values: Mapping[str, str]
    before: Mapping[str, str]

    def changed(self) -> dict[str, str]:
        """Only these are meant: somebody else may have changed the others meanwhile."""
        return {name: text for name, text in self.values.items() if self.before.get(name) != text}


Wrong = Misreading | Unfit


class NotRead(Exception):
    """What is wrong with which field. Nothing was done."""

    def __init__(self, fields: Mapping[str, Wrong]) -> None:
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


# The settings of the house that are worth a form, by chapter; the others are typed.
POLICIES: dict[FormName, tuple[str, ...]] = {
    FormName.TURNS: ("answer", "on_my_way", "idle", "sit_out", "order"),
    FormName.CHARGING: ("limit", "limit_said", "notice", "patience", "extension"),
    FormName.HOURS: ("opens", "closes", "speaks_from", "speaks_until", "workdays"),
    FormName.POWER: ("rated_kw", "standby_kw", "full", "no_power", "km_per_kwh"),
}


def read(form: Filled) -> Wish:
    """What somebody wishes for who filled that in. Raises NotRead."""
    return READERS[form.name](form)


def field_of(form: FormName, no: Refused) -> str | None:
    """The field that a refusal is about; None: about none of them."""
    if form in POLICIES and no.why in ABOUT_VALUES and no.other:
        return no.other.partition(" ")[0]
    return ABOUT.get(no.why)


ABOUT = {
    Refusal.PAST: "by",
    Refusal.RAISED_ONCE: "amount",
    Refusal.QUIET_ALL_DAY: "quiet_from",
    Refusal.NO_STATUS: "meetings",
}
ABOUT_VALUES = (Refusal.BAD_LENGTH, Refusal.BAD_HOURS, Refusal.BAD_BLIND, Refusal.BAD_POWER)

# --- a need -----------------------------------------------------------------------------------


def amount_and_time(form: Filled) -> tuple[Need | None, ClockTime | None]:
    """`12 kWh`, and a time in its own field or after `by`. Raises NotRead."""
    amount, at = form.values.get("amount", "").strip(), form.values.get("by", "").strip()
    typed = plain(words_of(amount))
    found = needs.read(typed)
    wrong: dict[str, Wrong] = {}
    if found.problem is not None or (amount and not typed):
        wrong["amount"] = needs.MISREADINGS[found.problem or needs.Problem.UNKNOWN]
    by = time_in(at or found.by)
    if at and (found.by or found.none):  # two times, or a time for nothing
        wrong["by"] = Misreading.EXTRA
    elif by is None and (at or found.by):
        wrong["by" if at else "amount"] = Misreading.BY
    if wrong:
        raise NotRead(wrong)
    return found.need, by


def join(form: Filled) -> Wish:
    return Add(*amount_and_time(form))


def need(form: Filled) -> Wish:
    """Left empty, it is taken back."""
    said = amount_and_time(form)
    return SayNeed(*said) if any(said) else NoNeed()


_PICKED = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def time_in(text: str) -> ClockTime | None:
    """A time that was picked says which half of the day it is in; one that was typed may not."""
    picked = _PICKED.fullmatch(text)
    if picked is not None:
        return ClockTime(int(picked[1]), int(picked[2]), exact=True)
    return quantities.clock_time(plain(words_of(text)))


# --- personal settings ------------------------------------------------------------------------


def settings(form: Filled) -> Wish:
    """Only what was changed. Quiet hours have two ends, or none."""
    changed = form.changed()
    wrong: dict[str, Wrong] = {}
    hours = {name: form.values.get(name, "").strip() for name in QUIET if not QUIET.isdisjoint(changed)}  # fmt: skip
    ends = {name: quantities.time_of_day(text) for name, text in hours.items() if text}
    wrong |= {name: Misreading.BY for name, at in ends.items() if at is None}
    if len(ends) == 1:
        wrong |= {name: Misreading.LENGTH for name in hours if name not in ends}
    if wrong:
        raise NotRead(wrong)
    begins, until = ends.get("quiet_from"), ends.get("quiet_until")
    return Prefer(
        told=Told(changed["told"]) if changed.get("told") in set(Told) else None,
        hours=(begins, until) if begins is not None and until is not None else None,
        no_hours=bool(hours) and not ends,
        clock=int(changed["clock"]) if changed.get("clock") in ("12", "24") else None,
        heeds_status={"on": True, "off": False}.get(changed.get("meetings", "")),
    )


QUIET = frozenset({"quiet_from", "quiet_until"})

# --- the settings of the house ----------------------------------------------------------------


def policies(form: Filled) -> Wish:
    """Each value in itself is checked here, so that every field says what is wrong with it; how
    they go together is checked where they are set.
    """
    values: list[tuple[str, Value]] = []
    wrong: dict[str, Wrong] = {}
    for key, text in form.changed().items():
        if key not in POLICIES[form.name]:
            continue
        value = quantities.setting(key, text)
        if value is None:
            wrong[key] = Misreading.VALUE
            continue
        try:
            check(key, value)
        except UnfitSetting as unfit:
            wrong[key] = unfit.why
        values.append((key, value))
    if wrong:
        raise NotRead(wrong)
    return Admin(SetPolicies(tuple(values)))


READERS: dict[FormName, Callable[[Filled], Wish]] = {
    FormName.JOIN: join,
    FormName.NEED: need,
    FormName.SETTINGS: settings,
    **dict.fromkeys(POLICIES, policies),
}
