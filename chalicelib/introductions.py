"""Who somebody is: asked of the chat platforms, quickly while a person waits for the answer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from .core.acts import Link
from .core.inputs import Add, Admin, Asked, Block, In, Next, Out, Prefer, Profile, Sort, Wish
from .core.model import Site
from .edges import Messenger, MessengerUnavailable

log = logging.getLogger(__name__)

QUICKLY = 1.3  # real seconds for all that are asked while somebody waits (Slack waits three)
AGAIN = 24 * 3600.0  # real seconds until a name that is known is asked for again
AGAIN_IN_LINE = 1800.0  # … of who stands in line: nobody waits behind an account that is closed
AGAIN_HEEDED = 120.0  # … whose status is heeded: where the platform doesn't tell of it by itself
RETRY = 600.0  # … and one that couldn't be told, while nobody is in need of it
AT_ONCE = 8  # names that are refreshed in one go: platforms limit how many one may ask for
NAMED_ALOUD = (Add, Next, Out, In, Block)  # wishes whose answer names the asker to others
T = TypeVar("T")


class Introductions:
    """Asks who people are. `messengers` maps a platform to who speaks there; `is_away` knows the
    tenants (`platform:tenant`) that were out of reach a moment ago.
    """

    def __init__(
        self,
        messengers: Mapping[str, Messenger],
        is_away: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.messengers = messengers
        self._is_away = is_away
        self._asked: dict[str, float] = {}  # when, on this process's clock

    def unmet(self, site: Site, asked: Asked) -> tuple[str, ...]:
        """Whom the site must know by name before it does this, and doesn't."""
        known = {one.driver for one in asked.profiles}
        needed = [who for who in named_in(asked.wish) if who.count(":") >= 2]
        if isinstance(asked.wish, NAMED_ALOUD) and not asked.name and self._is_worth(asked.driver):
            needed.append(asked.driver)
        unnamed = [who for who in needed if not (who in site.people and site.people[who].name)]
        if isinstance(asked.wish, Prefer) and asked.wish.heeds_status:
            unnamed.append(asked.driver)  # does the platform show a status, and which?
        return tuple(who for who in dict.fromkeys(unnamed) if who not in known)

    def meet(self, drivers: Iterable[str]) -> tuple[Profile, ...]:
        """Ask at once, and not for long; who can't be told is UNKNOWN."""
        give_up = time.monotonic() + QUICKLY
        return tuple(self._meet(driver, give_up) for driver in drivers)

    def refresh(self, site: Site) -> tuple[Profile, ...]:
        """What is new about the people of a site; for when nobody waits."""
        people = {*site.people, *site.admins, *(entry.driver for entry in site.queue)}
        nameless = {one for one in people if one not in site.people or not site.people[one].name}
        in_line = {entry.driver for entry in site.queue}

        def patience(one: str) -> float:
            person = site.people.get(one)
            if one in nameless or person is None:
                return RETRY
            if one not in in_line:
                return AGAIN
            wants = person.preferences
            return AGAIN_HEEDED if wants is not None and wants.heeds_status else AGAIN_IN_LINE

        due = [one for one in sorted(people) if self._is_due(one, patience(one))]
        found: list[Profile] = []
        silent: set[str] = set()  # platforms that say nothing now
        for driver in sorted(due, key=lambda one: one not in nameless)[:AT_ONCE]:
            platform = driver.partition(":")[0]
            if platform in silent or platform not in self.messengers:
                continue
            if self._is_away(driver.rpartition(":")[0]):
                continue
            try:
                found.append(self.messengers[platform].profile(driver))
                self._asked[driver] = time.monotonic()
            except MessengerUnavailable as fault:
                log.info("%s: no name yet: %s", driver, fault)
                silent.add(platform)
        return tuple(found)

    def _meet(self, driver: str, give_up: float) -> Profile:
        messenger = self.messengers.get(driver.partition(":")[0])
        unknown = Profile(driver, sort=Sort.UNKNOWN)
        if messenger is None or self._is_away(driver.rpartition(":")[0]):
            return unknown
        self._asked[driver] = time.monotonic()
        while True:
            try:
                found = within(give_up - time.monotonic(), lambda: messenger.profile(driver))
            except MessengerUnavailable as fault:
                pause = fault.retry_after.total_seconds() if fault.retry_after else None
                if pause is None or time.monotonic() + pause >= give_up:
                    log.info("%s: can't be asked for: %s", driver, fault)
                    return unknown
                time.sleep(pause)  # others asked much a moment ago; it is over in time
                continue
            return found or unknown

    def _is_worth(self, driver: str) -> bool:
        """Not at every command of somebody whose platform won't tell."""
        return self._is_due(driver, RETRY)

    def _is_due(self, driver: str, after: float) -> bool:
        asked = self._asked.get(driver)
        return asked is None or time.monotonic() - asked >= after


def is_news(site: Site, one: Profile) -> bool:
    """The site would take something in: another name, an account that is closed, a meeting."""
    person = site.people.get(one.driver)
    if one.sort is Sort.GONE:
        return one.driver in {*site.admins, *(entry.driver for entry in site.queue)}
    if one.name and (person is None or person.name != one.name):
        return True
    wanted = person.preferences if person is not None else None
    heeds = wanted is not None and wanted.heeds_status and one.status is not None
    return heeds and one.status.meeting_until != wanted.status_until  # type: ignore[union-attr]  # heeds


def named_in(wish: Wish) -> tuple[str, ...]:
    """Whom an admin's act names."""
    if not isinstance(wish, Admin):
        return ()
    if isinstance(wish.act, Link):
        return tuple(who for who, _ in wish.act.pairs)
    who = getattr(wish.act, "who", "")  # of the acts on one person
    return (who,) if who else ()


def within(seconds: float, ask: Callable[[], T]) -> T | None:
    """The answer, if it comes in time. Raises what `ask` raises."""
    answers: list[T] = []
    faults: list[Exception] = []

    def run() -> None:
        try:
            answers.append(ask())
        except Exception as fault:  # noqa: BLE001 — raised below, where it is waited for
            faults.append(fault)

    thread = threading.Thread(target=run, name="introductions", daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if faults:
        raise faults[0]
    return answers[0] if answers else None
