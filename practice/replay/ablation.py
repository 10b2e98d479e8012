"""A rule withheld, to see what it is worth: by its number, or by its name in the list.

The core knows nothing of it. A rule is withheld where it comes from: the policy isn't set so,
people don't say what it needs, it isn't in the list of due rules, or, where it is a question that
other rules ask, the answer is what it would be without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace as ordinary
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType

from chalicelib.core.inputs import PortSeen
from chalicelib.core.model import Policy, Rung
from chalicelib.core.rules import DUE, Listed, charging, reminders
from chalicelib.energy.forecast import Outlook
from chalicelib.values import replace
from practice.carpark import PortNow

from .inside import seen as as_seen
from .workdays import Ways

OURS = ("chalicelib.", "practice.replay.")
NEVER_ENOUGH = 10_000


class NoSuchRule(Exception):
    """What nobody knows can't be switched off; says what can."""


def answering(answer: object) -> Callable[..., object]:
    """A question whose answer is always this."""
    return lambda *_args, **_more: answer


@dataclass(frozen=True, slots=True)
class Withheld:
    """How the days are without a rule. `instead`: by module and name, what is there instead."""

    without: str
    policy: Callable[[Policy], Policy] = lambda policy: policy
    ways: Mapping[str, object] = field(default_factory=dict)
    instead: Mapping[str, object] = field(default_factory=dict)


def seen_without_power(port: PortNow) -> PortSeen:
    return replace(as_seen(port), load_kw=None)


def silent_outlooks(_ports: object, line: Sequence[object], *_: object) -> list[Outlook]:
    return [Outlook() for _ in line]


def rungs_without(*gone: reminders.Reminder) -> Mapping[Rung, tuple[reminders.Reminder, ...]]:
    """What may be said next from each rung, but for these."""
    return {
        rung: tuple(one for one in after if one not in gone)
        for rung, after in reminders.LADDER.items()
    }


RUNGS = "chalicelib.core.rules.reminders.LADDER"
FORECAST = "chalicelib.energy.forecast"

RULES: Mapping[str, Withheld] = MappingProxyType({
    "28": Withheld("nobody says what they need", ways={"say": 0.0}),
    "29": Withheld("the chargers tell no power", instead={"practice.replay.inside.seen": seen_without_power}),
    "31": Withheld(
        "a need that is met ends no stay, and saying it brings no longer one; reminded once",
        policy=lambda policy: replace(policy, limit_said=policy.limit),
        instead={
            "chalicelib.core.rules.charging.end_of": charging.public_end_of,
            "chalicelib.core.rules.reminders.ending": charging.limit_at,
            RUNGS: rungs_without(reminders.tell_again, reminders.ask_usual),
        },
    ),
    "31-notice": Withheld("no word before the end", policy=lambda policy: replace(policy, notice=timedelta(0))),
    "31-again": Withheld("who was told that it is over isn't told again", instead={RUNGS: rungs_without(reminders.tell_again)}),
    "31-usual": Withheld("who said nothing isn't asked at their usual", instead={RUNGS: rungs_without(reminders.ask_usual)}),
    "32": Withheld(
        "the forecast knows nothing",
        instead={
            f"{FORECAST}.outlook": answering(Outlook()),
            f"{FORECAST}.outlooks": silent_outlooks,
            f"{FORECAST}.hopeless": answering([]),
        },
    ),
    "33": Withheld("nothing is promised", instead={"chalicelib.core.rules.needs.promise_of": answering(None)}),
    "34": Withheld("nobody says that they are moving", ways={"say_moving": False}),
    "35": Withheld("nobody lets the next one unplug them", ways={"unplug_ok": 0.0}),
    "36": Withheld("who can't use a port passes, each time anew", ways={"say_unusable": False}),
    "37": Withheld("called by arrival", policy=lambda policy: replace(policy, order=Policy().order)),
    "41-budget": Withheld("no limit to a day's courtesies", instead={"chalicelib.core.courtesy.MOST_A_DAY": NEVER_ENOUGH}),
})  # fmt: skip


# --- due rules, by number and by name ---------------------------------------------------------


def due_rules() -> dict[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for one in DUE:
        for name in (str(one.number), getattr(one.due, "__name__", "")):
            found.setdefault(name, []).append(one)
    return found


def check(names: Sequence[str]) -> None:
    """Raises NoSuchRule."""
    every = [*RULES, *(name for name in due_rules() if name not in RULES)]
    for name in names:
        if name not in every:
            raise NoSuchRule(f"there is no rule {name} to switch off, but: {', '.join(every)}")


# --- taking them away -----------------------------------------------------------------------


def policy_without(names: Sequence[str], policy: Policy) -> Policy:
    for name in names:
        if name in RULES:
            policy = RULES[name].policy(policy)
    return policy


def ways_without(names: Sequence[str], ways: Ways) -> Ways:
    for name in names:
        if name in RULES:
            ways = ordinary(ways, **RULES[name].ways)  # type: ignore[arg-type]  # of its fields
    return ways


@contextmanager
def without(names: Sequence[str]) -> Iterator[None]:
    """These rules don't act meanwhile. Raises NoSuchRule."""
    check(names)
    due = due_rules()
    off = [one for name in names if name not in RULES for one in due[name]]
    rest = tuple(one for one in DUE if one not in off)
    changes: dict[str, object] = {"chalicelib.core.step.DUE": rest} if off else {}
    for name in names:
        changes |= RULES[name].instead if name in RULES else {}
    with ExitStack() as undo:
        for where, what in changes.items():
            put_instead(where, what, undo)
        yield


def put_instead(where: str, what: object, undo: ExitStack) -> None:
    """Everywhere that it is known by this name. Raises AttributeError."""
    module, _, name = where.rpartition(".")
    before = getattr(import_module(module), name)
    for other, known in list(sys.modules.items()):
        if other.startswith(OURS) and vars(known).get(name) is before:
            setattr(known, name, what)
            undo.callback(setattr, known, name, before)
