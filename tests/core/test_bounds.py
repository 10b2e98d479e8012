"""Whatever comes in is cut to size where it enters the core."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import inputs as do, step
from chalicelib.core.bounds import LONGEST, LONGEST_ID, LONGEST_NAME, bounded
from chalicelib.stores.codec import encode
from chalicelib.values import replace
from tests.fakes import ANA, BOB, MONDAY, look, site_of

LONG = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))  # nothing to compress


@pytest.mark.parametrize(
    "given",
    [
        do.Asked(ANA, do.Add(), LONG, LONG, reply_to=f"slack:T0HQ:https://{LONG}"),
        do.Asked(ANA, do.In(LONG)),
        do.Asked(ANA, do.ShowHelp(LONG)),
        do.Introduced((do.Profile(ANA, LONG, LONG), do.Profile(BOB, "Bob"))),
        do.Alarmed((do.Alarm("1:2", "1", LONG, MONDAY),)),
        do.Delivered(1, LONG),
        do.Undeliverable(1, LONG),
    ],
    ids=lambda given: type(given).__name__,
)
def test_every_text(given: Any) -> None:
    """Names, words, reasons: none is longer than anybody needs."""
    assert len(repr(bounded(given))) < 5 * LONGEST + 1000


def test_what_is_short_is_left_alone() -> None:
    """The very same object: the usual case costs next to nothing."""
    for given in (
        do.Asked(ANA, do.In("2"), "Ana"),
        do.Introduced((do.Profile(ANA, "Ana"),)),
        do.Tick(),
    ):
        assert bounded(given) is given
    seen = look(MONDAY, p1=ANA)
    assert bounded(seen) is seen


def test_what_the_network_calls_a_car() -> None:
    """Its ids are kept with the site, so they are cut as well."""
    seen = look(MONDAY, p1=ANA)
    port = replace(seen.ports[0], user=LONG, credential=LONG, session=LONG)
    found = bounded(replace(seen, ports=(port,)))
    assert isinstance(found, do.Observed)
    assert {len(getattr(found.ports[0], name)) for name in ("user", "credential", "session")} == {
        LONGEST_ID
    }


def test_long_names_stay_out_of_the_item() -> None:
    """Fifty people with names of 20,000 characters each: a site of some kilobytes."""
    site = site_of()
    for number in range(50):
        given = do.Asked(f"slack:T0HQ:U{number}", do.Add(), LONG[number:])
        site = step(site, given, MONDAY).site
    assert max(len(person.name) for person in site.people.values()) <= LONGEST_NAME
    assert len(encode(site)) < 50_000
