"""Three simulated hours in which Slack can't be reached, on a busy day, and what is said then.

    python -m tests.system.long_outage

Two ports, fourteen people. They come, ask in plain messages, are called, plug in and leave;
what they ask for is done all the while, and nobody hears of it. Slack is back at 13:00.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.effects import Called, Effect, PluggedIn, PortPost
from chalicelib.core.inputs import Add, Remove, ShowLine, ShowStatus, Wish
from chalicelib.core.model import Person, Site
from chalicelib.edges import MessengerUnavailable
from chalicelib.values import replace
from tests import fakes
from tests.fakes import CHANNEL, MONDAY, FakeMessenger, World, world

PEOPLE = [f"slack:T0HQ:U0P{number:02}" for number in range(14)]
DOWN_FROM, DOWN_UNTIL = timedelta(hours=2), timedelta(hours=5)


class Slack(FakeMessenger):
    """Down or not; keeps what is said with the site as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.is_down = False
        self.heard: list[tuple[str, Effect, Site, str | None]] = []

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        if self.is_down:
            self.attempts.append(to)
            raise unreachable()
        self.heard.append((to, effect, site, edits))
        return super().send(to, effect, site, edits)


def unreachable() -> MessengerUnavailable:
    try:
        return MessengerUnavailable("Slack can't be reached", everywhere=True)
    except TypeError:  # as it was before
        return MessengerUnavailable("Slack can't be reached")


@dataclass
class Tally:
    """What came at once when Slack was back."""

    waiting: int  # in the outbox, a moment before
    said: int
    edits: int
    same: int  # most often said: how often
    of_old_stretches: int  # posts of a stretch that is over
    not_so: int  # "you're charging", "it's your turn" to whom it isn't so


def morning(world: World, slack: Slack, dice: Random) -> None:
    """Minute by minute, until a moment before Slack is back."""
    cars: dict[str, timedelta] = {}  # when who leaves
    minute = timedelta(0)
    while minute < DOWN_UNTIL:
        world.clock.at = MONDAY + minute
        slack.is_down = minute >= DOWN_FROM
        for port, who in list(world.network.ports.items()):
            if who is not None and cars[who] <= minute:
                world.network.ports[port] = None
        ask(world, dice)
        drive(world, cars, minute, dice)
        world.concierge.look("hq")
        world.concierge.wake("hq")
        minute += timedelta(seconds=30)


def ask(world: World, dice: Random) -> None:
    """Now and then somebody types something, in a plain message."""
    if dice.random() > 0.2:
        return
    who = dice.choice(PEOPLE)
    wishes: list[Wish] = [
        Add(),
        Add(),
        ShowStatus(),
        ShowStatus(),
        ShowLine(),
        ShowLine(),
        Remove(),
    ]
    wish = dice.choice(wishes)
    given = replace(fakes.asked(who, wish), reply_to=who, public_to=CHANNEL)
    world.concierge.handle("hq", given)


def drive(world: World, cars: dict[str, timedelta], minute: timedelta, dice: Random) -> None:
    """Who is called, or knows that it is their turn, plugs in; somebody may just come."""
    for entry in world.site().queue:
        turn = entry.turn
        if turn is not None and dice.random() < 0.1:
            name = f"p{turn.port.partition('/')[2]}"
            if world.network.ports[name] is None and entry.driver not in cars.values():
                world.network.ports[name] = entry.driver
                cars[entry.driver] = minute + timedelta(minutes=dice.randint(20, 60))


def back(world: World, slack: Slack) -> Tally:
    """Slack is back: what is said within a minute."""
    slack.is_down, slack.heard = False, []
    waiting = len(world.site().outbox)
    for _ in range(7):
        world.clock.advance(seconds=10)
        world.concierge.look("hq")
        world.concierge.wake("hq")
    texts = Counter((to, text_of(effect, site)) for to, effect, site, _ in slack.heard)
    return Tally(
        waiting,
        said=sum(edits is None for _, _, _, edits in slack.heard),
        edits=sum(edits is not None for _, _, _, edits in slack.heard),
        same=max(Counter(text for _, text in texts.elements()).values(), default=0),
        of_old_stretches=sum(
            is_old(effect, site, edits) for _, effect, site, edits in slack.heard
        ),
        not_so=sum(is_untrue(effect, site) for _, effect, site, _ in slack.heard),
    )


def text_of(effect: Effect, site: Site) -> str:
    return re.sub(r"\d", "0", words(effect, site, SlackMarkup()).text)


def is_old(effect: Effect, site: Site, edits: str | None) -> bool:
    live = {port.post for port in site.ports.values()}
    return isinstance(effect, PortPost) and edits is None and effect.post not in live


def is_untrue(effect: Effect, site: Site) -> bool:
    here = {port.stay.driver for port in site.ports.values() if port.stay}
    turns = {entry.turn.id for entry in site.queue if entry.turn}
    if isinstance(effect, PluggedIn):
        return effect.driver not in here
    return isinstance(effect, Called) and effect.turn not in turns


def play(seed: int = 7) -> Tally:
    slack = Slack()
    hall = world()
    hall.concierge.messengers = {"slack": slack}
    fakes.IDS.update({who: f"8{number:06}" for number, who in enumerate(PEOPLE)})
    site = hall.site()
    people = {who: Person(who[-3:], (fakes.IDS[who],)) for who in PEOPLE}
    hall.store.save(replace(site, people=site.people | people), None)
    morning(hall, slack, Random(seed))
    return back(hall, slack)


if __name__ == "__main__":
    for seed in range(1, 6):
        print(seed, play(seed))
