"""The same car park in one process: a clock that leaps, no HTTP, nobody waits.

What people type goes through the real parsing, core, wording and outbox; the store is in
memory. Looks, ticks and deliveries come when the listener would have them: each poll, where
the core asks for one, when the site's alarm is due, and at once when there is something to say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup, payload
from chalicelib.chat.speaking import Speaker, Spoken
from chalicelib.chat.text.wording import Words, is_passing_remark, words
from chalicelib.concierge import Concierge
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import BoardPost, Effect, Nudged, PortPost
from chalicelib.core.inputs import Alarm, Observed, PortSeen, Profile
from chalicelib.core.model import Person, Policy, Site, Stations
from practice.carpark import CarPark, PortNow
from practice.common.memory import MemoryStays, MemoryStore
from practice.common.people import ADMIN, CHANNEL, DRIVERS, GROUP, WORKSPACE, Driver, make_ports
from practice.common.posts import NoSuchButton, NoSuchMessage, Post
from practice.slack.blocks import buttons
from practice.world import SITE, TIMEZONE, address

KEPT = 4000  # posts whose buttons can still be pressed: more than a day's
CHANNEL_ADDRESS = f"slack:{WORKSPACE}:{CHANNEL}"
HOOK = "https://inside/"
TODAY = Policy()


class LeapingClock:
    """It stands still until it is set."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Time never goes back."""
        self._now = max(self._now, moment.astimezone(UTC))


class InsideChat:
    """Slack without Slack: says effects as the messenger would, and takes what people type.

    `heard` is given each post as it is shown, an edit once more under a new number.
    """

    def __init__(self, clock: LeapingClock, people: Sequence[Driver]) -> None:
        self.handler: CommandHandler | None = None
        self.heard: Callable[[Post], None] = lambda _post: None
        self._clock = clock
        self._markup = SlackMarkup()
        self._people = {person.name: person for person in people}
        self._names = {person.slack_id: person.name for person in people}
        self._numbers = count(1)
        self._posts: dict[int, Post] = {}
        self._order: deque[int] = deque()

    # --- what people do -------------------------------------------------------------

    def say(self, driver: str, text: str) -> Post:
        """A slash command in the channel."""
        spoken = self._handler.on_command(self._speaker(driver), text.partition(" ")[2])
        if spoken.public:
            self._show(_post("channel", text, by=driver))
        return self._show(self._said(driver, spoken, ephemeral=not spoken.public))

    def press(self, driver: str, n: int, action: str) -> Post:
        """The button with that action_id or label, on the message as it is now."""
        post = self._posts.get(n)
        if post is None or post["to"] not in ("channel", driver):
            raise NoSuchMessage(n)
        now = self._posts.get(post["latest"], post)
        for _, button in buttons(now["blocks"]):
            if action in (button["action_id"], button["text"]["text"]):
                return self._press(driver, now, button["action_id"], button["value"])
        raise NoSuchButton(action)

    def _press(self, driver: str, post: Post, action: str, value: str) -> Post:
        manner = "whisper" if post["to"] == "channel" else "replace"
        reply_to = f"slack:{WORKSPACE}:{HOOK}{driver}/{post['first']}#{manner}"
        spoken = self._handler.on_button(self._speaker(driver), action, value, reply_to)
        if not spoken.queued:
            return self._show(self._said(driver, spoken, ephemeral=True))
        return post

    @property
    def _handler(self) -> CommandHandler:
        if self.handler is None:
            raise AssertionError("nobody answers yet")
        return self.handler

    def _speaker(self, driver: str) -> Speaker:
        who = address(self._people[driver])
        return Speaker(who, driver, CHANNEL_ADDRESS, f"inside {next(self._numbers)}")

    def _said(self, driver: str, spoken: Spoken, *, ephemeral: bool) -> Post:
        to = driver if ephemeral else "channel"
        return {**_written(to, spoken.words, ephemeral=ephemeral), "kind": "answer to all"}

    # --- what the concierge says: a Messenger -----------------------------------------

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        """Post, edit, or answer a click."""
        said = words(effect, site, self._markup)
        target = to.split(":", 2)[2].removesuffix(BOARD)
        kind = kind_of(effect)
        if target.startswith(HOOK):
            self._answer(target.removeprefix(HOOK), effect, said)
            return ""
        if isinstance(effect, BoardPost) and edits is not None:  # however old its first post is
            self._show({**_written("channel", said), "first": int(edits), "kind": kind})
            return edits
        if edits is not None:
            self._edit(int(edits), said, kind)
            return edits
        seer = "channel" if target == CHANNEL else self._names[target]
        post = self._show({**_written(seer, said), "kind": kind})
        return str(post["n"])

    def profile(self, driver: str) -> Profile:
        name = self._names[driver.rpartition(":")[2]]
        return Profile(driver, name, name)

    def _answer(self, hook: str, effect: Effect, said: Words) -> None:
        where, _, manner = hook.partition("#")
        driver, _, first = where.partition("/")
        if manner == "replace" and not is_passing_remark(effect):
            self._edit(int(first), said)
        else:
            self._show(_written(driver, said, ephemeral=True))

    def _edit(self, first: int, said: Words, kind: str = "") -> None:
        post = self._posts.get(first)
        if post is None:  # of days ago: nobody looks there
            return
        edit = self._show(
            {
                **_written(post["to"], said, ephemeral=post["ephemeral"]),
                "first": first,
                "kind": kind,
            }
        )
        post["latest"] = edit["n"]

    def _show(self, post: Post) -> Post:
        n = next(self._numbers)
        first = post["first"] or n
        shown = {
            **post,
            "n": n,
            "first": first,
            "at": self._clock.now().isoformat(timespec="milliseconds"),
        }
        shown |= {"edited": first if first != n else None, "latest": n}
        self._posts[n] = shown
        self._order.append(n)
        if len(self._order) > KEPT:
            self._posts.pop(self._order.popleft(), None)
        self.heard(shown)
        return shown


def _post(to: str, text: str, by: str = "bot") -> Post:
    return {
        "to": to,
        "text": text,
        "blocks": [],
        "by": by,
        "ephemeral": False,
        "deleted": False,
        "first": 0,
    }


def kind_of(effect: Effect) -> str:
    """What sort of message that is, for who counts them."""
    match effect:
        case PortPost(news=news):
            return f"PortPost {news}"
        case Nudged(why=why):
            return f"Nudged {why}"
        case _:
            return type(effect).__name__


def _written(to: str, said: Words, *, ephemeral: bool = False) -> Post:
    sent = payload(said)
    return {**_post(to, sent["text"]), "blocks": sent["blocks"], "ephemeral": ephemeral}


class InsideNetwork:
    """Looks at the make-believe car park: a ChargingNetwork."""

    def __init__(self, carpark: CarPark) -> None:
        self._carpark = carpark

    def look(self, _site: Site) -> Observed:
        return Observed(self._carpark.now, tuple(map(seen, self._carpark.ports())))

    def limit(self, _site: Site, allowed_kw: float, minutes: int) -> None:
        self._carpark.shed(allowed_kw=allowed_kw, minutes=minutes)

    def lift(self, _site: Site) -> None:
        self._carpark.shed()

    def alarms(self, _site: Site) -> tuple[Alarm, ...]:
        return ()


def seen(port: PortNow) -> PortSeen:
    """What the network would tell of a port."""
    cap = port.cap
    percent = cap.percent if cap is not None else None
    return PortSeen(
        port.station, port.number, port.status, port.load_kw, port.user_id, port.credential_id,
        capped=cap is not None,
        allowed_kw=cap.kw if cap is not None and percent is None else None,
        percent_shed=round(percent) if percent is not None else None,
        session=str(port.session or ""),
    )  # fmt: skip


class Inside:
    """A car park, its site, and what the listener does for it. One thread.

    `heard` is given every post; `advance` lets time go by until a moment, at which the caller
    may act; `now_and_then` is called after everything that happens.
    """

    def __init__(
        self, start: datetime, ports: int, poll: timedelta, policy: Policy = TODAY,
        people: Sequence[Driver] = DRIVERS,
    ) -> None:  # fmt: skip
        self.clock = LeapingClock(start)
        self.carpark = CarPark(self.clock, make_ports(ports))
        self.slack = InsideChat(self.clock, people)
        self.stays = MemoryStays(lambda: self.clock.now().timestamp())
        self._names = {address(person): person.name for person in people}
        self._store = MemoryStore()
        self._poll = poll
        self._look_at = start
        self._store.save(site_of(people, policy), None)
        self._store.bind(CHANNEL_ADDRESS, SITE)
        self._concierge = Concierge(
            self._store, {"slack": self.slack}, self.clock, InsideNetwork(self.carpark),
            None, self.stays,
        )  # fmt: skip
        self.slack.handler = CommandHandler(self._concierge, SlackMarkup())

    def site(self) -> Site:
        site = self._store.load(SITE)
        if site is None:
            raise AssertionError("there is no site")
        return site

    def line(self) -> list[str]:
        return [self._names[entry.driver] for entry in self.site().queue]

    @property
    def next_at(self) -> datetime:
        """When the listener has something to do."""
        wake_at = self._store.wake_at(SITE)
        return self._look_at if wake_at is None else min(wake_at, self._look_at)

    def leap(self, moment: datetime) -> None:
        """Over hours in which nobody watches; then a look comes first."""
        self.clock.set(moment)
        self.stays.sweep()
        self.look()

    def turn(self) -> None:
        """Do what is due: looks first, as the listener does."""
        if self._look_at <= self.clock.now():
            self.look()
        wake_at = self._store.wake_at(SITE)
        if wake_at is not None and wake_at <= self.clock.now():
            self._concierge.wake(SITE)

    def look(self) -> None:
        now = self.clock.now()
        outcome = self._concierge.look(SITE)
        self._look_at = now + self._poll
        if outcome is not None and outcome.look is not None:
            self._look_at = min(self._look_at, outcome.look.at)
        self.settle()

    def settle(self) -> None:
        """Say what there is to say, at once; have done what there is to do."""
        if self.site().outbox:
            self._concierge.perform(SITE)
            self._concierge.deliver(SITE)


def site_of(people: Sequence[Driver], policy: Policy) -> Site:
    """The car park's site, everybody's card known."""
    found = {address(one): Person(one.name, (one.user_id,)) for one in people}
    return Site(
        SITE, "HQ garage", timezone=TIMEZONE, channels=(CHANNEL_ADDRESS,),
        admins=(address(ADMIN),), stations=Stations(group=GROUP), policy=policy, people=found,
    )  # fmt: skip
