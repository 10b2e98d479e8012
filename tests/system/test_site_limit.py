"""A site at the largest size that its store takes: people are told so, and nothing gets stuck."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from chalicelib.core.inputs import (
    Add,
    Introduced,
    Profile,
    ShowHelp,
    ShowLine,
    ShowStatus,
    Suspend,
    Wish,
)
from chalicelib.core.model import Site
from chalicelib.edges import MessengerUnavailable, StoreUnavailable
from chalicelib.stores.codec import encode
from chalicelib.stores.dynamodb import LARGEST_BODY, TooLarge
from chalicelib.values import replace
from tests.fakes import ANA, CHANNEL, FakeMessenger, FakeStore, World, asked, site_of, world

STRANGERS = [f"slack:T0HQ:U{number:07}" for number in range(3000)]
WISHES: list[Wish] = [Add(), ShowLine(), ShowStatus(), ShowHelp(), Suspend(timedelta(hours=1))]


class SmallStore(FakeStore):
    """Takes no more than DynamoDB does, and remembers the largest."""

    def __init__(self, largest: int = LARGEST_BODY) -> None:
        super().__init__()
        self.largest, self.seen = largest, 0

    def save(self, site: Site, wake_at: datetime | None) -> Site:
        return self.save_leaving(site, wake_at, 0)

    def save_leaving(self, site: Site, wake_at: datetime | None, spare: int) -> Site:
        size = len(encode(site))
        if size > self.largest - spare:
            raise TooLarge(f"{size} bytes")
        self.seen = max(self.seen, size)
        return super().save(site, wake_at)


def crowded(store: SmallStore) -> World:
    """A site on this store, whose Slack is down."""
    hall = world(site_of(CHANNEL), store)
    hall.network.ports = {"p1": ANA, "p2": None}
    return hall


def noise(dice: Random, length: int) -> str:
    """Nothing in it can be compressed."""
    return "".join(chr(dice.randrange(0x4E00, 0x9000)) for _ in range(length))


def flood(hall: World, dice: Random, people: int) -> int:
    """Strangers write and click, for as long as Slack is down; how many were told "not now"."""
    refused = 0
    hall.messenger.broken = Down()
    for number in range(people):
        who, wish = dice.choice(STRANGERS), dice.choice(WISHES)
        url = f"slack:T0HQ:https://hooks.example/{noise(dice, 600)}#whisper"
        given = replace(
            asked(who, wish), name=noise(dice, 5000), request=noise(dice, 16),
            reply_to=dice.choice([who, url]), public_to=CHANNEL,
        )  # fmt: skip
        try:
            hall.concierge.handle("hq", given)
        except StoreUnavailable:
            refused += 1
        if number % 20 == 0:
            hall.clock.advance(seconds=15)
            hall.concierge.look("hq")
            hall.concierge.wake("hq")
    return refused


class Down(dict[str, Exception]):
    """Every address is out of reach."""

    def get(self, _key: str, _default: object = None) -> Exception:
        return MessengerUnavailable("out of reach", everywhere=True)


def test_a_flood_stays_small() -> None:
    """Thousands of wishes of strangers with long names: the item stays far from its limit."""
    store = SmallStore()
    hall = crowded(store)
    flood(hall, Random(1), 250)
    assert store.seen < LARGEST_BODY / 3
    site = hall.site()
    askers = [one.asker for one in site.outbox if one.asker and one.to != CHANNEL]
    assert len(askers) == len(set(askers)), "one unsent answer a person"
    assert len(site.requests) <= 1000
    assert_it_goes_on(hall)


@pytest.mark.parametrize("largest", [60_000])
def test_a_full_site_is_not_stuck(largest: int) -> None:
    """Where a site has less room people are told to come later; the looks, the deadlines and
    the deliveries go on, and with them it gets smaller again.
    """
    hall = crowded(SmallStore(largest))
    assert flood(hall, Random(2), 800) > 0
    assert_it_goes_on(hall)


def assert_it_goes_on(hall: World) -> None:
    """Slack is back: everything is said, and whoever asks is heard."""
    hall.messenger = hall.concierge.messengers["slack"] = FakeMessenger()  # type: ignore[index]  # a dict, as made here
    for _ in range(10):
        hall.clock.advance(minutes=1)
        hall.concierge.look("hq")
        hall.concierge.wake("hq")
    assert hall.site().looked_at == hall.clock.now()
    assert hall.site().outbox == ()
    hall.concierge.handle("hq", Introduced((Profile(ANA, "Ana"),)))
