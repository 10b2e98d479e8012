"""The codec: what goes in comes out, old encodings still decode, rubbish is refused."""

from __future__ import annotations

import contextlib
import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, strategies as st

from chalicelib.core.effects import Called, News, PortPost
from chalicelib.core.model import (
    Entry,
    Ladder,
    Lane,
    Note,
    Pending,
    Person,
    Policy,
    Port,
    Site,
    Stations,
    Status,
    Stay,
    Turn,
    What,
)
from chalicelib.edges import NewerFormat, UnreadableSite
from chalicelib.stores import codec
from chalicelib.values import replace
from tests.strategies import sites

GOLDEN = {
    number: Path(__file__).parent / f"site-format-{number}.bin"
    for number in range(1, codec.FORMAT + 1)
}
EIGHT = datetime(2026, 3, 2, 8, 0, 0, 250_001, tzinfo=UTC)
ANA, BOB = "slack:T0HQ:U0ANA", "slack:T0HQ:U0BOB"
GOLDEN_SITE = Site(  # what encode() made of this is in GOLDEN; format 1's without the trail
    id="hq",
    name="HQ garage",
    timezone="America/Los_Angeles",
    version=7,
    channels=("slack:T0HQ:C0EV",),
    admins=("slack:T0HQ:U0BOSS",),
    stations=Stations(group=1234),
    policy=Policy(answer=timedelta(minutes=12, microseconds=5), notice=timedelta(minutes=30)),
    people={ANA: Person("Ana"), BOB: Person("Bob", ("4711",))},
    queue=(Entry(ANA, EIGHT).called(Turn(3, "1:101/1", EIGHT, told_at=EIGHT)),),
    ports={
        "1:101/1": Port("1:101/1", "Port 1", Status.AVAILABLE, EIGHT, EIGHT, post=2),
        "1:101/2": Port(
            "1:101/2",
            "Port 2",
            Status.INUSE,
            stay=Stay(2, EIGHT, Ladder(date(2026, 3, 2), EIGHT), BOB, user="4711"),
        ),
    },
    looked_at=EIGHT,
    outbox=(
        Pending(4, Lane.CHAT, ANA, Called(ANA, "1:101/1", 3, timedelta(minutes=15)), EIGHT),
        Pending(5, Lane.CHAT, "slack:T0HQ:C0EV", PortPost(2, "1:101/1", News.CALLED, ANA), EIGHT),
    ),
    posts={"2@slack:T0HQ:C0EV": "1772438400.000100"},
    requests={"r1": EIGHT},
    trail=(Note(EIGHT, What.CALLED, ANA, port="1:101/1"), Note(EIGHT, What.BLIND)),
    serial=5,
)
PENDING = {"id": 1, "lane": "chat", "to": ANA, "queued_at": EIGHT}


def packed(value: Any, number: int = 1) -> bytes:
    """Any value in the outer form of a format; the inner one hardly differs."""
    return bytes([number]) + zlib.compress(msgspec.msgpack.encode(value))


@given(sites())
@example(GOLDEN_SITE)
def test_what_was_encoded_is_decoded(site: Site) -> None:
    """Zipped or plain, the site comes out again, whatever the model's types allow."""
    assert codec.decode(codec.encode(site)) == site
    assert codec.decode(codec.encode_plain(site)) == site


def test_old_encodings_still_decode() -> None:
    """Files written in each format are still the site that it was."""
    read = [codec.decode(path.read_bytes()) for path in GOLDEN.values()]
    assert read == [replace(GOLDEN_SITE, trail=()), *3 * [GOLDEN_SITE]]


def test_the_trail_of_format_1_is_read() -> None:
    """Its lines were maps."""
    line = {"at": EIGHT, "what": "called", "driver": ANA, "by": "", "port": "1:101/1"}
    [note] = codec.decode(packed({"id": "hq", "name": "HQ", "trail": [line]})).trail
    assert note == Note(EIGHT, What.CALLED, ANA, port="1:101/1")


def test_a_line_of_the_trail_may_grow() -> None:
    """A row that an older writer left short takes the last fields' defaults."""
    fields = {"id": "hq", "name": "HQ", "trail": [[EIGHT, "sight lost"]]}
    assert codec.decode(packed(fields, 2)).trail == (Note(EIGHT, What.BLIND),)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_fields_that_an_older_writer_lacked_take_their_defaults(number: int) -> None:
    """A site of two fields is a site with every default."""
    assert codec.decode(packed({"id": "hq", "name": "HQ"}, number)) == Site("hq", "HQ")


def test_an_effect_that_lacks_a_field_takes_its_default() -> None:
    """Effects, too, are read as an older version wrote them."""
    pending = PENDING | {"effect": ("PortPost", {"post": 1, "port": "1:101/1", "news": "free"})}
    [read] = codec.decode(packed({"id": "hq", "name": "HQ", "outbox": [pending]})).outbox
    assert read.effect == PortPost(1, "1:101/1", News.FREE)


def test_a_newer_format_is_refused() -> None:
    """The message names both formats and what to do."""
    with pytest.raises(NewerFormat, match=r"format 5 and this program knows 4: update"):
        codec.decode(b"\x05" + codec.encode(GOLDEN_SITE)[1:])


def test_an_effect_from_the_future_is_refused() -> None:
    """An effect that this program has no class for was saved by a newer one."""
    pending = PENDING | {"effect": ("Applauded", {})}
    with pytest.raises(NewerFormat, match="Applauded"):
        codec.decode(packed({"id": "hq", "name": "HQ", "outbox": [pending]}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"\x01",
        b"\x02not zlib",
        packed([], 2),
        packed({"id": 5}),
        packed({"id": "hq"}, 2),
        packed({"id": "hq", "name": "HQ", "trail": [{"at": EIGHT}]}),
        packed({"id": "hq", "name": "HQ", "trail": [[EIGHT]]}, 2),
        packed({"id": "hq", "name": "HQ", "trail": [[EIGHT]]}, 3),
        packed({"id": "hq", "name": "HQ", "queue": [5]}, 2),
        packed({"id": "hq", "name": "HQ", "ports": {"p": {"stay": {}}}}, 2),
    ],
    ids=[
        "empty",
        "format 0",
        "no body",
        "no zlib",
        "no map",
        "wrong type",
        "no name",
        "no note 1",
        "no note 2",
        "no note 3",
        "no entry",
        "no ladder",
    ],
)
def test_rubbish_is_refused(body: bytes) -> None:
    """What is no site is a fault with words, never another exception."""
    with pytest.raises(UnreadableSite, match="the saved site"):
        codec.decode(body)


def test_what_is_made_to_choke_us_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes that unfold into a great many, or into a nest without a bottom."""
    deep = b"\x83\xa2id\xa2hq\xa4name\xa2HQ\xa4more" + b"\x91" * 100_000 + b"\xc0"
    with pytest.raises(UnreadableSite, match="can't be read"):
        codec.decode(b"\x02" + zlib.compress(deep))
    monkeypatch.setattr(codec, "LARGEST", 100)
    with pytest.raises(UnreadableSite, match="far too large"):
        codec.decode(codec.encode(GOLDEN_SITE))


def test_what_was_cut_off_is_refused() -> None:
    """A site whose last bytes are missing is no site."""
    for whole in (codec.encode(GOLDEN_SITE), codec.encode_plain(GOLDEN_SITE)):
        for length in range(1, len(whole)):
            with pytest.raises(UnreadableSite):
                codec.decode(whole[:length])


@given(st.binary(), st.integers(0, codec.FORMAT))
def test_any_bytes_are_a_site_or_a_fault(rubbish: bytes, number: int) -> None:
    """Nothing but the two declared faults comes out of the decoder."""
    inside = rubbish if number == codec.PLAIN else zlib.compress(rubbish)
    body = bytes([number]) + inside if number else rubbish
    with pytest.raises((UnreadableSite, NewerFormat)):
        codec.decode(body)


@given(st.data())
def test_a_damaged_site_is_a_site_or_a_fault(data: st.DataObject) -> None:
    """One flipped byte inside the packed site gives a site or a declared fault."""
    inner = bytearray(zlib.decompress(codec.encode(GOLDEN_SITE)[1:]))
    inner[data.draw(st.integers(0, len(inner) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableSite, NewerFormat):
        codec.decode(bytes([codec.ZIPPED]) + zlib.compress(bytes(inner)))
    with contextlib.suppress(UnreadableSite, NewerFormat):
        codec.decode(bytes([codec.PLAIN]) + bytes(inner))


def test_a_line_of_drivers_is_small() -> None:
    """A waiting driver adds at most 60 bytes beyond the id."""
    drivers = [f"slack:T0HQ:U{i * 7_919_993:010X}" for i in range(35)]
    queue = tuple(Entry(d, EIGHT + timedelta(seconds=97.3 * i)) for i, d in enumerate(drivers))
    empty = len(codec.encode(Site("hq", "HQ", people=dict.fromkeys(drivers, Person("Ana")))))
    full = codec.encode(
        Site("hq", "HQ", people=dict.fromkeys(drivers, Person("Ana")), queue=queue)
    )
    assert (len(full) - empty) / len(drivers) <= 60


def test_sites_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has written a site, or read it, has it again for nothing, the newest few of them."""
    monkeypatch.setattr(codec, "REMEMBERED", 2)
    first, *others = [Site(f"site-{n}", "HQ") for n in range(3)]
    body = codec.encode(first)
    assert codec.decode(bytes(bytearray(body)), "site-0") is first
    for one in others:
        codec.encode_plain(one)
    again = codec.decode(body, "site-0")
    assert again == first
    assert again is not first
    assert codec.decode(body, "site-0") is again


def test_other_bytes_are_another_site() -> None:
    """A site that another process has saved meanwhile, or a backup put back, is read anew."""
    codec.encode(Site("hq", "HQ"))
    assert codec.decode(codec.encode_plain(Site("hq", "New")), "hq").name == "New"
    assert codec.decode(codec.encode(Site("hq", "HQ")), "hq").name == "HQ"
    for other in (b"", b"\x03"):
        with pytest.raises(UnreadableSite):
            codec.decode(other, "hq")
