"""Sites saved before format 3, by the program of then: what they were is what they are.

`old/rich-format-*.bin` has every standing, every rung and every effect of those days;
`old/days-format-2.bin` has sites of random days.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from chalicelib.core import next_deadline, step
from chalicelib.core.effects import Effect, HowMuch
from chalicelib.core.inputs import Tick
from chalicelib.core.model import Entry, Rung, Site, Tone, Turn
from chalicelib.stores import codec
from tests.core.invariants import check_standing

OLD = Path(__file__).parent / "old"
AT = datetime(2026, 3, 2, 16, 0, 0, 250_001, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAYS: list[bytes] = msgspec.msgpack.decode((OLD / "days-format-2.bin").read_bytes())
TURN = Turn(
    3, "1:101/1", AT, told_at=AT, deadline=AT + 15 * MINUTE, coming=True, idle_told=True
)  # fmt: skip


def old(who: str, **more: int | bool) -> Entry:
    return Entry(f"p:t:{who}", AT, **more)  # type: ignore[arg-type]  # of an Entry


@pytest.fixture(params=[1, 2])
def rich(request: pytest.FixtureRequest) -> Site:
    return codec.decode((OLD / f"rich-format-{request.param}.bin").read_bytes())


def test_the_line(rich: Site) -> None:
    """Each entry has the one standing that its flags came to, also where an undo keeps it."""
    assert rich.queue == (
        old("waiting", misses=2, told_next=True),
        old("suspended", misses=1).suspended(),
        old("snoozing").suspended(AT + 60 * MINUTE),
        old("passed").sitting_out("1:101/2", AT + 30 * MINUTE),
        old("called", told_next=True).called(TURN),
        old("powerless").powerless("1:101/3", AT + 15 * MINUTE),
        old("gave-up"),
        old("both").suspended(),
    )
    assert rich.undo is not None
    assert rich.undo.queue == rich.queue


def test_the_ladders(rich: Site) -> None:
    """Each stay's reminders stand on the highest rung whose words were said."""
    stays = [port.stay for port in rich.ports.values() if port.stay is not None]
    assert [(stay.ladder.rung, stay.ladder.told_at) for stay in stays] == [
        (Rung.SILENT, None),
        (Rung.NOTICED, None),
        (Rung.OVER, None),
        (Rung.AWAITED, AT),
        (Rung.ASKED, AT + 10 * MINUTE),
        (Rung.REPORTED, AT + 10 * MINUTE),
        (Rung.NOTICED, AT),
        (Rung.OVER, None),
    ]
    assert stays[1].ladder.counted == 40 * MINUTE
    assert (stays[6].ladder.limit, stays[6].ladder.extended) == (180 * MINUTE, True)
    last = rich.ports["1:101/9"].last_stay
    assert last is not None
    assert last.ladder == stays[4].ladder


def test_the_rest(rich: Site) -> None:
    """What has not changed is read as it was."""
    assert (rich.id, rich.version, rich.serial) == ("rich", 12, 1100)
    assert rich.policy.answer == 12 * MINUTE
    assert (rich.policy.opens, rich.policy.tone) == (time(6, 30), Tone.CHEERFUL)
    assert rich.people["p:t:on0"].ids == ("u0", "c0")
    assert len(rich.trail) == 27
    assert rich.cap_order is not None


def test_every_effect_of_then(rich: Site) -> None:
    """What waited to be said still can be."""
    kinds = {type(pending.effect) for pending in rich.outbox}
    assert len(kinds) == 52
    assert kinds <= set(get_args(Effect))


@pytest.mark.parametrize("number", range(len(DAYS)))
def test_a_day_goes_on(number: int) -> None:
    """Read anew, a site has nothing to catch up with, and wakes for what lies ahead."""
    site = codec.decode(DAYS[number])
    assert codec.decode(codec.encode(site)) == site
    for entry in site.queue:
        check_standing(entry)
    if site.stepped_at is not None:
        after = step(site, Tick(), site.stepped_at).site
        moved = any(port.stay and port.stay.ladder.moved for port in site.ports.values())
        asked = [one for one in after.outbox if isinstance(one.effect, HowMuch)]  # new then
        assert after.queue == site.queue
        assert moved or after.ports == site.ports
        assert moved or after.serial == site.serial + len(asked)
        deadline = next_deadline(after)
        assert deadline is None or deadline > site.stepped_at
