"""The command line of `python -m practice replay`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from practice.common.people import DRIVERS

from .cast import DIFFERENT, Wants
from .sessions import COLUMNS, Form
from .workdays import Ways

HELP = """Plays the busiest days of a file of charging sessions, through the real processes or in
this one (--inside), and tells what did not agree. With --compare: several ways to run the car
park side by side, on the same days with the same people, who stay at work until they go home."""


def add_to(again: argparse.ArgumentParser) -> None:
    """The options of `replay`."""
    again.description = HELP
    again.add_argument("file", help="CSV with a line for each session, as of doi:10.7910/DVN/NFPQLW (--shift-hours -4) or ACN-Data")  # fmt: skip
    again.add_argument("--inside", action="store_true", help="in one process, by a clock that leaps: a hundred days a minute")  # fmt: skip
    again.add_argument("--ports", type=between(1, 40), default=4, help="ports in the car park (4)")
    again.add_argument("--drivers", type=between(1, len(DRIVERS)), default=35, help="people who share them (35)")  # fmt: skip
    again.add_argument("--days", type=between(1, 3660), default=5, help="so many of the busiest days (5)")  # fmt: skip
    again.add_argument("--seed", type=int, default=1, help="of people's behaviour (1)")
    again.add_argument("--rate", type=between(1, 5000), default=1000, help="site seconds in a real second, at most, but for --inside (1000)")  # fmt: skip
    _add_people(again)
    _add_file(again)
    _add_compare(again)
    _add_what_if(again)
    again.add_argument("--noise", action="store_true", help="what is said, by kind, without a board and with one; people as of --compare")  # fmt: skip


def _add_people(again: argparse.ArgumentParser) -> None:
    people = again.add_argument_group("people (shares from 0 to 1)")
    people.add_argument("--overstay", type=share, default=0.0, metavar="SHARE", help="of visits that last half an hour to three hours longer, the car full; with --compare: until the driver goes home (0)")  # fmt: skip
    people.add_argument("--miss", type=share, default=None, metavar="SHARE", help="of calls that are not answered for 20 minutes or more (0; with --compare 0.1)")  # fmt: skip
    people.add_argument("--walk-up", type=share, default=0.0, metavar="SHARE", help="of arrivals that take a free port past the line (0)")  # fmt: skip
    people.add_argument("--heed", type=share, default=None, metavar="SHARE", help="of notes to overstayers that make them move (0.5); with --compare: of people who react at all (0.8)")  # fmt: skip


def _add_file(again: argparse.ArgumentParser) -> None:
    file = again.add_argument_group("the file")
    file.add_argument("--shift-hours", type=hours, default=timedelta(0), metavar="N", help="put the file's clock forward by so much (0): starts should peak when people come to work")  # fmt: skip
    file.add_argument("--zone", type=zone, metavar="ZONE", help="the place's zone, such as Europe/Oslo, where times in the file have an offset from UTC that isn't the place's")  # fmt: skip
    file.add_argument("--columns", type=columns, default={}, metavar="WHAT=NAME,…", help=f"what its columns are called: {', '.join(COLUMNS)}")  # fmt: skip


def _add_compare(again: argparse.ArgumentParser) -> None:
    beside = again.add_argument_group("policies side by side")
    beside.add_argument("--compare", action="store_true", help="play the days under each policy")
    beside.add_argument("--policies", type=names, default=(), metavar="NAME,…", help="only these")
    beside.add_argument("--need-share", type=need_share, default=0.4, metavar="SHARE|mix", help="of a fill that people truly need (0.4)")  # fmt: skip
    beside.add_argument("--energy", type=factor, default=None, metavar="N", help="times the file's kWh, for the cars of today (3; with --what-if 1)")  # fmt: skip
    beside.add_argument("--say", type=share, default=1.0, metavar="SHARE", help="of people who say what they need when asked (1)")  # fmt: skip
    beside.add_argument("--unplug-ok", type=share, default=0.0, metavar="SHARE", help="of those who don't react, who may be unplugged (0)")  # fmt: skip
    beside.add_argument("--ghosts", type=share, default=0.0, metavar="SHARE", help="of arrivals that stand in line and never answer (0)")  # fmt: skip
    beside.add_argument("--heed-each-note", action="store_true", help="who doesn't react to one note may react to the next")  # fmt: skip
    beside.add_argument("--cap-noon", action="store_true", help="the building halves the power from eleven to two")  # fmt: skip
    beside.add_argument("--cant-use", type=share, default=0.0, metavar="SHARE", help="of drivers whose cable doesn't reach every second port (0)")  # fmt: skip
    beside.add_argument("--heads-up", action="store_true", help="who heard in the last half hour that a port will soon be theirs misses no call")  # fmt: skip
    beside.add_argument("--different", type=between(1, 3660), default=DIFFERENT, metavar="N", help=f"so many of the busiest days, by turns, each time with other dice ({DIFFERENT})")  # fmt: skip
    beside.add_argument("--off", type=names, default=(), metavar="RULE,…", help="rules that don't act, by number or name")  # fmt: skip
    beside.add_argument("--csv", type=Path, metavar="FILE", help="write what came of each policy and day")  # fmt: skip
    beside.add_argument(
        "--picture", type=Path, metavar="FILE.svg", help="draw needs met a day under each policy"
    )


def _add_what_if(again: argparse.ArgumentParser) -> None:
    other = again.add_argument_group("what other ways would bring")
    other.add_argument("--what-if", action="store_true", help="for facilities: a site's own log (`python -m bot report export`) as it was, with `order fair`, with more ports, and where half of those who don't react may be unplugged; all days that it has (20 at most), the people and the energy of the log")  # fmt: skip
    other.add_argument("--more", type=between(1, 40), default=2, metavar="N", help="so many ports more (2)")  # fmt: skip


def ways_of(given: argparse.Namespace) -> Ways:
    """The people of --compare."""
    return Ways(
        overstay=given.overstay, miss=0.1 if given.miss is None else given.miss,
        walk_up=given.walk_up, heed=0.8 if given.heed is None else given.heed, say=given.say,
        unplug_ok=given.unplug_ok, ghosts=given.ghosts, heed_each_note=given.heed_each_note,
        cap_noon=given.cap_noon, cant_use=given.cant_use, heads_up=given.heads_up,
    )  # fmt: skip


def wants_of(given: argparse.Namespace) -> Wants:
    energy = 3.0 if given.energy is None else given.energy
    return Wants(given.need_share, energy, given.different)


def form_of(given: argparse.Namespace) -> Form:
    return Form(given.columns, given.shift_hours, given.zone)


# --- reading ---------------------------------------------------------------------------------


def between(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number of that range."""

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return number

    read.__name__ = "whole number"  # what argparse calls it
    return read


def share(text: str) -> float:
    """Reads a share, 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def factor(text: str) -> float:
    number = float(text)
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 100")
    return number


def need_share(text: str) -> float | None:
    """None: a mix."""
    return None if text == "mix" else share(text)


def hours(text: str) -> timedelta:
    number = float(text)
    if not -24 <= number <= 24:
        raise argparse.ArgumentTypeError(f"{text} is not between -24 and 24")
    return timedelta(hours=number)


def zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"there is no zone {text!r}; one is Europe/Oslo"
        ) from error


def columns(text: str) -> dict[str, str]:
    """`begins=Start,ends=End`"""
    pairs = [pair.partition("=")[::2] for pair in text.split(",")]
    if not all(what in COLUMNS and name for what, name in pairs):
        raise argparse.ArgumentTypeError(f"each is WHAT=NAME, WHAT of {', '.join(COLUMNS)}")
    return dict(pairs)


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
