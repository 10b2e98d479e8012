"""Is what a board shows so? Read from its words, without the rules that made them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import BoardPost
from chalicelib.core.model import Rung, Site, Status

EVERY = timedelta(seconds=10)
PLACE = re.compile(r"^\d+\. ([^\s,]+(?: \(…[^)]*\))?)", re.MULTILINE)


class Boards:
    """What stands on each board, as it arrived."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self._at: dict[str, datetime] = {}

    def arrive(self, site: Site, to: str, post: BoardPost, now: datetime) -> None:
        """A board is posted, or edited: `site` is as it was when that was sent."""
        text = words(post, site, SlackMarkup()).text
        if post.off:
            self.shown.pop(to, None)
            return
        last = self._at.get(to)
        is_edit = any(f"{one.channel}{BOARD}" == to and one.ref for one in site.boards)
        assert not is_edit or last is None or now - last >= EVERY, "edited again so soon"
        check(text, site)
        self.shown[to], self._at[to] = text, now

    def check(self, site: Site) -> None:
        """What stands there is so, unless an edit is due or on its way."""
        going = {one.to for one in site.outbox}
        for board in site.boards:
            to = f"{board.channel}{BOARD}"
            if board.ref and not board.is_stale and to not in going and to in self.shown:
                check(self.shown[to], site)


def check(text: str, site: Site) -> None:
    """Who is where, who waits, and nothing that isn't for all to know."""
    lines = text.splitlines()
    for port in site.ports.values():
        (shown,) = [one for one in lines if one.startswith(f"Port {port.label}: ")]
        assert ("free" in shown) is (port.status is Status.AVAILABLE and not port.is_shut) or (
            "is called" in shown or "on the way" in shown
        ), shown
        stay = port.stay if port.status is Status.INUSE else None
        if stay is not None and stay.driver:
            assert shown.removeprefix(f"Port {port.label}: ").startswith(name(site, stay.driver))
        asked = stay is not None and stay.ladder.rung >= Rung.ASKED
        assert "time is up" not in shown or asked, "a private matter yet"
        holders = [one.driver for one in site.queue if one.turn and one.turn.port == port.id]
        assert all(f"{name(site, one)} is " in shown for one in holders), shown
        assert holders or " is called" not in shown, shown
    waiting = sorted(name(site, one.driver) for one in site.queue if one.turn is None)
    assert sorted(PLACE.findall(text)) == waiting, text
    assert ("haven't seen the chargers since" in text) is site.blind


def name(site: Site, driver: str) -> str:
    person = site.people.get(driver)
    if person is None or not person.name:
        return "Somebody"
    same = [
        who for who, one in site.people.items() if one.name.casefold() == person.name.casefold()
    ]
    if len(same) == 1:
        return person.name
    tail = f"…{driver[-4:]}"  # two are called so, who have no handles here
    return f"{person.name} ({tail}, {driver.partition(':')[0]})"
