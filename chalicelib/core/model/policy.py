"""The house's rules that can be set: its times, hours and manners."""

from __future__ import annotations

from datetime import time, timedelta
from enum import StrEnum

from chalicelib.values import dataclass


class IdleReminder(StrEnum):
    """When a free port that nobody uses is worth a post (rule 8)."""

    WAITING = "waiting"  # only while people wait
    ALWAYS = "always"


class Order(StrEnum):
    """Who of the line is called first (rule 37)."""

    ARRIVAL = "arrival"
    FAIR = "fair"


class Tone(StrEnum):
    PLAIN = "plain"
    CHEERFUL = "cheerful"


@dataclass(frozen=True, slots=True)
class Weekly:
    """A time of each week, on the site's clock; day 0 is Monday, None: never."""

    day: int | None = None
    at: time = time(15)


@dataclass(frozen=True, slots=True)
class Policy:
    """The times of the house. An admin may set each; running turns keep their terms."""

    answer: timedelta = timedelta(minutes=15)  # rule 9: from the call's delivery
    on_my_way: timedelta = timedelta(minutes=20)  # rule 7: from that click, once
    idle: timedelta = timedelta(minutes=10)  # rules 8 and 10: a called port stands idle
    sit_out: timedelta = timedelta(minutes=30)  # rule 10: after a pass
    dark: timedelta = timedelta(minutes=3)  # rule 11: a called port out of reach
    blind: timedelta = timedelta(minutes=3)  # rule 23: without a good look
    confirm: timedelta = timedelta(seconds=20)  # rule 2: between two AVAILABLE looks
    comeback: timedelta = timedelta(minutes=5)  # rule 15: the same driver plugs in again
    limit: timedelta = timedelta(hours=2, minutes=30)  # rule 16: how long one may charge
    notice: timedelta = timedelta(minutes=15)  # rule 31: before the limit
    patience: timedelta = timedelta(minutes=10)  # rule 16: between the rungs of the ladder
    extension: timedelta = timedelta(minutes=20)  # rule 16: "20 more minutes", once
    full: timedelta = timedelta(minutes=10)  # rule 18: no power any more
    no_power: timedelta = timedelta(minutes=5)  # rule 19: no power yet
    power_wait: timedelta = timedelta(minutes=15)  # rule 21: plugged in where the power is off
    keep_stays: timedelta = timedelta(days=90)  # what is kept of cars that have left
    standby_kw: float = 0.25  # rule 30: less is no power
    rated_kw: float = 6.6  # what a port gives when nothing limits it
    opens: time = time(6)  # rule 25, on the site's clock: the line
    closes: time = time(20)
    speaks_from: time = time(7)  # rule 25: the channel, on working days
    speaks_until: time = time(19)
    idle_reminder: IdleReminder = IdleReminder.WAITING
    cap_commands: bool = False  # rule 22: facilities agree; the operator's to say, not chat's
    classic: bool = False  # rule 20: as in 2016
    tone: Tone = Tone.PLAIN
    limit_said: timedelta = timedelta(hours=3, minutes=30)  # rule 31: where a need was said
    km_per_kwh: float = 6.0  # rule 28: how far a kWh takes a car
    order: Order = Order.ARRIVAL  # rule 37
    report: Weekly = Weekly()
    report_people: bool = False  # admins see totals by person: the operator's to say
    board: bool = False  # rule 43: the channel has one
    workdays: tuple[int, ...] = (0, 1, 2, 3, 4)  # rule 25: Monday is 0
