"""Real charging days, played through the real app, the real process and the stand-ins.

Who arrives when and how long they charge is the data's. The clock runs fast, more slowly
while something waits to be looked at or said (what this machine takes is not the site's
time), and leaps over the nights.
"""

from __future__ import annotations

import sys
import tempfile
import time
from argparse import Namespace
from collections import defaultdict, deque
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from random import Random

from chalicelib.core.model import Policy, Site
from practice.common.people import DRIVERS
from practice.world import BotFailed, World, world

from . import noise, picture, whatif
from .ablation import NoSuchRule, check
from .agreement import Agreement
from .arguments import form_of, wants_of, ways_of
from .behaviour import Crowd, Dice, Manners, Person, Visit
from .compare import (
    ALL,
    NoSuchPolicy,
    Progress as Watched,
    Trial,
    check_policies,
    compare,
    table,
    write,
)
from .days import EARLY, HOME, POLL, ZONE, Days, at, is_day, morning_after
from .inside import Inside
from .sessions import Session, Sessions, Unreadable, read

GLANCE = 0.012  # real seconds between two glances at what was said
SLOW, SLOWER = 4, 8  # times, while a look will bring news; while something is under way
CRAWL = 20.0  # site seconds in a real second while a look is late for this machine's sake
LOOKS_WITHIN = 20.0  # real seconds after a leap
SHOWN = 10  # disagreements that are printed


def replay(given: Namespace) -> int:
    """Play the busiest days of a file; the exit code, 1 where something didn't agree."""
    try:
        found = read(Path(given.file), form_of(given))
        check(given.off)
        check_policies(given.policies)
    except (OSError, Unreadable, NoSuchRule, NoSuchPolicy) as error:
        print(f"can't replay: {error}", file=sys.stderr)
        return 1
    print(f"{len(found.sessions)} sessions, {found.left_out} under 3 minutes or over a day left out; most cars come at {found.peaks()}")  # fmt: skip
    if given.what_if:
        return whatif.show(found, given)
    if given.noise:
        return noise_of(found, given)
    return side_by_side(found, given) if given.compare else played(found, given)


def noise_of(found: Sessions, given: Namespace) -> int:
    """What is said, without a board and with one."""
    trial = Trial(found, given.days, given.ports, given.drivers, given.seed, ways_of(given), wants_of(given))  # fmt: skip
    runs = noise.both(trial)
    print("\n".join(noise.lines(runs, given.days)))
    wrong = [f"{run.name}: {line}" for run in runs for line in run.broken]
    for line in wrong[:SHOWN]:
        print(f"  ! {line}", file=sys.stderr)
    return 1 if wrong else 0


def side_by_side(found: Sessions, given: Namespace) -> int:
    """The same days under each policy."""
    trial = Trial(
        found, given.days, given.ports, given.drivers, given.seed, ways_of(given), wants_of(given),
        given.off, given.policies or ALL,
    )  # fmt: skip
    progress = Watched()
    runs = compare(trial, progress.show)
    progress.end()
    print("\n".join(table(trial, runs)))
    try:
        if given.csv is not None:
            write(given.csv, trial, runs)
        if given.picture is not None:
            title = (
                f"Needs met a day: {given.ports} ports, {given.drivers} drivers, {given.days} days"
            )
            picture.write(given.picture, runs, given.days, title)
    except OSError as error:
        print(f"can't write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    wrong = [f"{run.name}: {line}" for run in runs for line in (*run.broken, *run.failed)]
    for line in wrong[:SHOWN]:
        print(f"  ! {line}", file=sys.stderr)
    return 1 if wrong else 0


def played(found: Sessions, given: Namespace) -> int:
    """The days as they were, under today's rules, and whether all agrees."""
    began = time.monotonic()
    days = found.busiest(given.days)
    count = sum(map(len, days.values()))
    print(f"{count} sessions of {len(days)} days: {', '.join(map(str, days))}", flush=True)
    people = cast(list(days.values()), given.drivers, given.seed)
    manners = Manners(
        given.overstay, given.miss or 0.0, given.walk_up, 0.5 if given.heed is None else given.heed
    )
    play: Play | Days
    warnings: list[str] = []
    if given.inside:
        play = perform_inside(given, people, manners)
    else:
        play, warnings = perform(given, people, manners)
    asked = [f"{name} {given.__dict__[name]}" for name in ("seed", "ports", "drivers", "rate")]
    rows = [
        *play.crowd.tally.rows(given.ports, len(days)),
        *rows_of(play),
        ("warnings in the log", str(len(warnings))),
        ("shares", ", ".join(f"{name} {share:g}" for name, share in asdict(manners).items())),
        ("asked for", f"days {len(days)}, {', '.join(asked)}"),
        ("wall time", f"{time.monotonic() - began:.0f} s"),
    ]
    width = max(len(what) for what, _ in rows)
    print("\n" + "\n".join(f"{what:{width}}  {much}" for what, much in rows))
    wrong = [*play.agreement.broken, *play.violations, *play.crowd.tally.failed_commands]
    for line in [*wrong[:SHOWN], *warnings[:SHOWN]]:
        print(f"  ! {line}", file=sys.stderr)
    return 1 if wrong else 0


def rows_of(play: Play | Days) -> list[tuple[str, str]]:
    """What the run as a whole showed."""
    poll, confirm = POLL.total_seconds(), Policy().confirm.total_seconds()
    lags = [
        (f"worst lag, {what}", f"{lag.total_seconds():.0f} s")
        for what, lag in sorted(play.crowd.tally.lags.items())
    ]
    return [
        *lags,
        ("  to compare with", f"a poll of {poll:.0f} s, a second look {confirm:.0f} s later"),
        ("sight lost", f"{play.lost_sight} times"),
        ("checks; disagreements", f"{play.agreement.checks}; {len(play.agreement.broken)}"),
        ("Slack's rules broken", f"{len(play.violations)} times"),
    ]


def perform(
    arguments: Namespace, people: list[Person], manners: Manners
) -> tuple[Play, list[str]]:
    """Play it all; the run, and the warnings in the log. Raises BotFailed."""
    first = min(person.visit.arrives for person in people if person.visits)
    with tempfile.TemporaryDirectory(prefix="ev-replay-") as folder:
        log = Path(folder) / "log"
        with world(
            ports=arguments.ports, speed=1, start=first - EARLY,  # `Play` makes it fast
            poll_seconds=POLL.total_seconds(), store=arguments.store, log=log,
        ) as here:  # fmt: skip
            play = Play(here, Crowd(here, people, manners), arguments.rate)
            play.run()
        said = log.read_text(encoding="utf-8").splitlines()
    return play, [line for line in said if "WARNING" in line or "ERROR" in line]


def perform_inside(arguments: Namespace, people: list[Person], manners: Manners) -> Days:
    """Play it all in this process."""
    first = min(person.visit.arrives for person in people if person.visits)
    here = Inside(first - EARLY, arguments.ports, POLL)
    days = Days(here, Crowd(here, people, manners))
    progress = Progress()
    days.watching = lambda now: progress.show(now, days.crowd, len(days.agreement.broken))
    days.run()
    progress.end()
    return days


def cast(days: list[list[Session]], count: int, seed: int) -> list[Person]:
    """Give each day's users to the practice drivers; each day is another working day."""
    visits: dict[int, list[Visit]] = defaultdict(list)
    for number, sessions in enumerate(days):
        users = sorted({session.user for session in sessions})
        Random(f"{seed}/{number}").shuffle(users)
        for place, session in enumerate(sessions):
            arrives = at(number, session.begins.time())
            dice = Dice(f"{seed}/{number}/{place}")
            visit = Visit(arrives, session.length, at(number, HOME), dice, session.charging)
            visits[users.index(session.user) % count].append(visit)
    return [Person(DRIVERS[n], deque(visits[n])) for n in range(count)]


class Play:
    """One run. `agreement` and `crowd.tally` hold what came of it."""

    def __init__(self, here: World, crowd: Crowd, rate: float) -> None:
        self.crowd = crowd
        self.agreement = Agreement(here, crowd, POLL)
        self.lost_sight = 0
        self._here = here
        self._rate = rate
        self._heard = 0
        self._progress = Progress()

    def run(self) -> None:
        """Until everybody has gone, and nothing is left to say or to agree on. Raises BotFailed."""
        while True:
            now, next_at = self._here.clock.now(), self.crowd.next_at
            if next_at is not None and next_at <= now:
                self._set_speed(self._rate / SLOWER)
            acted = self.crowd.act()
            site = self._glance()
            if acted:
                continue
            if next_at is None and not (site.queue or site.outbox or self.agreement.undecided):
                break
            self._progress.show(now, self.crowd, len(self.agreement.broken))
            if not self._leap(now):
                self._pace(site, now)
        self._progress.end()

    @property
    def violations(self) -> list[str]:
        """What the concierge did that Slack forbids, in words."""
        return self._here.slack.violations

    def _glance(self) -> Site:
        """Hear what was said, and compare."""
        site = self._here.site()  # before the messages: what it says was told must be among them
        for post in self._here.slack.workspace.feed.after(self._heard):
            self._heard = post["n"]
            self.lost_sight += "haven't seen the chargers since" in post["text"]
            self.crowd.tally.hear(post)
            self.agreement.hear(post)
            self.crowd.hear(post)
        self.agreement.check(site)
        return site

    def _pace(self, site: Site, now: datetime) -> None:
        """Wait a little, the clock as fast as the concierge can follow."""
        if self._here.bot is None or self._here.bot.poll() is not None:
            raise BotFailed("the concierge has stopped")
        self._set_speed(self._fit_speed(site, now))
        wait = GLANCE
        if self.crowd.next_at is not None:
            wait = min(wait, (self.crowd.next_at - now).total_seconds() / self._here.clock.speed)
        time.sleep(max(0.0, wait))

    def _fit_speed(self, site: Site, now: datetime) -> float:
        """Slower while there is something to be seen or said, so that lags are the site's own."""
        unseen = now - (site.looked_at or now)
        if unseen > POLL * 1.2:
            return min(self._rate, CRAWL)
        if site.outbox:
            return self._rate / SLOWER
        return self._rate / SLOW if self.agreement.undecided else self._rate

    def _leap(self, now: datetime) -> bool:
        """Over the rest of a night, to the next morning or whatever comes before it."""
        if is_day(now) or self.crowd.next_at is None:
            return False
        to = min(morning_after(now), self.crowd.next_at)
        if to - now < 2 * POLL:
            return False
        self._set_speed(self._rate / SLOWER)
        self._here.clock.advance((to - now - POLL).total_seconds() / 60)
        leapt_at, give_up = self._here.clock.now(), time.monotonic() + LOOKS_WITHIN
        while (looked_at := self._here.site().looked_at) is None or looked_at < leapt_at:
            if time.monotonic() > give_up:
                raise BotFailed("the concierge no longer looks at the chargers")
            time.sleep(GLANCE)
        return True

    def _set_speed(self, speed: float) -> None:
        if self._here.clock.speed != speed:
            self._here.clock.set_speed(speed)


class Progress:
    """One line that changes on a terminal; elsewhere a line a day."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._shown: object = None

    def show(self, now: datetime, crowd: Crowd, broken: int) -> None:
        here, tally = now.astimezone(ZONE), crowd.tally
        key = (here.date(), here.hour, here.minute // 5) if self._terminal else here.date()
        if key == self._shown:
            return
        self._shown = key
        waiting = sum(person.doing in ("waiting", "coming") for person in crowd.people.values())
        line = (
            f"{here:%a %d %b %H:%M}  {tally.arrivals} came, {tally.charged} charged, "
            f"{waiting} wait, {broken} disagreements"
        )
        print(
            f"\r{line:<78}" if self._terminal else line,
            end="" if self._terminal else "\n",
            flush=True,
        )

    def end(self) -> None:
        if self._terminal:
            print()
