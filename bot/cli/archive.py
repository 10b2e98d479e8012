"""The file of a backup: JSON, a line for each thing, and a last line that vouches for all.

A site is the bytes that a store keeps (chalicelib/stores/codec.py), which every later
version can read. A file that was cut off, or changed, is known before anything is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from chalicelib.core.model import Site
from chalicelib.core.stays import FinishedStay
from chalicelib.stores import codec

from .sites import SITE_ID

FORMAT = 2  # 1: without stays
LONGEST = 10_000_000  # bytes of a line; a site has thousands


class Damaged(Exception):
    """The file is no backup, or not a whole one; the message says why."""


class Head(Struct, tag="ev-concierge backup", tag_field="is"):
    format: int
    made_at: datetime


class SavedSite(Struct, tag="site", tag_field="is"):
    id: str
    body: bytes


class Binding(Struct, tag="channel", tag_field="is"):
    address: str
    site: str


class SavedRecord(Struct, tag="record", tag_field="is"):
    kind: str
    key: str
    value: dict[str, Any]


class SavedStay(Struct, tag="stay", tag_field="is"):
    """A car that has left, after its site."""

    site: str
    stay: FinishedStay


class End(Struct, tag="end", tag_field="is"):
    """How many lines there are of each kind, and the SHA-256 of all bytes before this line."""

    sites: int
    channels: int
    records: int
    sha256: str
    stays: int = 0


Thing = SavedSite | Binding | SavedRecord | SavedStay
_decoder = msgspec.json.Decoder(Head | Thing | End)
_encoder = msgspec.json.Encoder()


class Tally:
    """What has gone by so far."""

    def __init__(self) -> None:
        self.sites = self.channels = self.records = self.stays = 0
        self._hash = hashlib.sha256()

    def add(self, line: bytes, thing: object) -> None:
        self._hash.update(line)
        self.sites += isinstance(thing, SavedSite)
        self.channels += isinstance(thing, Binding)
        self.records += isinstance(thing, SavedRecord)
        self.stays += isinstance(thing, SavedStay)

    def end(self) -> End:
        return End(self.sites, self.channels, self.records, self._hash.hexdigest(), self.stays)

    @property
    def things(self) -> int:
        return self.sites + self.channels + self.records + self.stays

    def __str__(self) -> str:
        counted = (
            (self.sites, "site"), (self.channels, "channel"), (self.records, "record"),
            (self.stays, "stay"),
        )  # fmt: skip
        return ", ".join(f"{number} {what}{'s' * (number != 1)}" for number, what in counted)


class Names:
    """What a backup names: each once, and a channel after the site that says it is its own."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._channels: set[tuple[str, str]] = set()

    def expect(self, site: Site) -> None:
        self._channels.update((address, site.id) for address in site.channels)

    def admit(self, thing: Thing) -> bool:
        match thing:
            case SavedSite(site_id):
                name, fits = ("", site_id), SITE_ID.fullmatch(site_id) is not None
            case Binding(address, site_id):
                name, fits = (":", address), (address, site_id) in self._channels
            case SavedRecord(kind, key):
                name, fits = (f"record {kind}", key), True
            case SavedStay(site_id, stay):
                name = (f"stay {site_id}", f"{stay.since.isoformat()} {stay.id}")
                fits = ("", site_id) in self._seen and stay.since <= stay.until
        fits = fits and name not in self._seen
        self._seen.add(name)
        return fits


class Writer:
    """Writes a backup; it is one only when `finish` has been called."""

    def __init__(self, file: BinaryIO, made_at: datetime) -> None:
        self._file = file
        self.tally = Tally()
        self.write(Head(FORMAT, made_at))

    def write(self, thing: Head | Thing) -> None:
        line = _encoder.encode(thing) + b"\n"
        self.tally.add(line, thing)
        self._file.write(line)

    def finish(self) -> None:
        self._file.write(_encoder.encode(self.tally.end()) + b"\n")


def check(file: Path) -> Tally:
    """Read all of a backup, every site included; what is in it. Raises Damaged and NewerFormat."""
    tally, names, ended = Tally(), Names(), False
    for number, (line, thing) in enumerate(_lines(file)):
        if ended:
            raise Damaged("something follows the end")
        if (number == 0) != isinstance(thing, Head):
            raise Damaged(f"line {number + 1} is out of place")
        if isinstance(thing, Head) and thing.format > FORMAT:
            raise Damaged(f"it has format {thing.format} and this program knows {FORMAT}: update it")  # fmt: skip
        if isinstance(thing, End):
            ended = True
            if thing != tally.end():
                raise Damaged("its checksum is not that of its lines: it was changed")
            continue
        if isinstance(thing, SavedSite):
            site = codec.decode(thing.body)
            if site.id != thing.id:
                raise Damaged(f"line {number + 1} holds another site than it says")
            names.expect(site)
        if not isinstance(thing, Head) and not names.admit(thing):
            raise Damaged(f"line {number + 1} is out of place")
        tally.add(line, thing)
    if not ended:
        raise Damaged("its end is missing: it was cut off")
    return tally


def things(file: Path) -> Iterator[Thing]:
    """What a checked backup holds, in its order."""
    for _, thing in _lines(file):
        if not isinstance(thing, Head | End):
            yield thing


def _lines(file: Path) -> Iterator[tuple[bytes, Head | Thing | End]]:
    with file.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST), b""), 1):
            try:
                yield line, _decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise Damaged(f"line {number} can't be read") from error
