"""`python -m bot backup` and `restore`: all that lasts, out of one store and into another."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, TypeVar

from chalicelib import wiring
from chalicelib.concierge import wake_at
from chalicelib.core.model import Site
from chalicelib.core.restore_policy import revived
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import NewerFormat, StaleSite, StoreUnavailable, UnreadableSite
from chalicelib.settings import Settings
from chalicelib.stores import codec
from chalicelib.values import replace

from . import archive
from .errors import CommandError

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds, before another try at a store that can't
ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
EVERY = 100  # things, a line of progress
T = TypeVar("T")


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two commands."""
    save = commands.add_parser(
        "backup", help="save all sites, channels and installations", description=SAVING
    )
    back = commands.add_parser(
        "restore", help="bring a backup into this store", description=BRINGING
    )
    save.add_argument("place", type=place, metavar="FILE|s3://BUCKET/KEY", help="where it goes")
    back.add_argument("place", type=place, metavar="FILE|s3://BUCKET/KEY", help="where it is")
    back.add_argument(
        "--over",
        action="store_true",
        help="where the store isn't empty: write over the sites of the same names, and leave the rest",
    )


SAVING = """Saves what lasts of what EV_STORE holds: sites, their channels, installations with
their TOKENS. A file is made for its owner alone; keep a bucket encrypted and closed."""
BRINGING = """Brings a backup into the store that EV_STORE names, which may be of the other
kind. Nothing is written unless the backup is whole. Stop the listener first; afterwards
every item is read again and compared."""


def place(text: str) -> str:
    if text.startswith("s3://") and not text.partition("s3://")[2].partition("/")[2]:
        raise argparse.ArgumentTypeError(f"a place in S3 is s3://BUCKET/KEY, not {text!r}")
    return text


def run(arguments: argparse.Namespace, settings: Settings) -> None:
    """Do it. Raises CommandError and what the store raises."""
    logging.getLogger("botocore").setLevel(logging.WARNING)  # cron sends on whatever it says
    try:
        if arguments.command == "backup":
            backup(arguments.place, settings)
        else:
            restore(arguments.place, settings, over=arguments.over)
    except OSError as error:
        raise CommandError(f"{arguments.place}: {error.strerror or error}") from error
    except ValueError as error:
        raise CommandError(str(error)) from error


# --- out --------------------------------------------------------------------------------


def backup(to: str, settings: Settings) -> None:
    """Save what lasts; a place that held an older backup holds it until the new one is whole."""
    with finished(to) as file:
        writer = archive.Writer(file, wiring.clock_of(settings).now())
        unreadable = save(writer, settings)
        if not writer.tally.things:
            raise CommandError(f"there is nothing in {settings.store}: is EV_STORE right?")
        writer.finish()
    print(f"{to}: {writer.tally} from {settings.store}. It holds tokens: keep it to yourself.")
    if unreadable:
        raise CommandError(
            f"these sites can't be read and are missing: {', '.join(unreadable)}. All else is saved."
        )


def save(writer: archive.Writer, settings: Settings) -> list[str]:
    """Write all that lasts, each site as it is at one moment; the ids of what can't be read."""
    store, records = wiring.store_of(settings), wiring.records_of(settings)
    stays, unreadable = wiring.stays_of(settings), []
    for site_id in store.sites():
        try:
            site = patiently(store.load, site_id)
        except (UnreadableSite, NewerFormat):
            unreadable.append(site_id)
            continue
        if site is None:  # removed just now
            continue
        writer.write(archive.SavedSite(site.id, codec.encode(site)))
        for address in site.channels:
            if patiently(store.bound, address) == site.id:
                writer.write(archive.Binding(address, site.id))
        for stay in patiently(stays.read, site.id, *ALWAYS):
            writer.write(archive.SavedStay(site.id, stay))
    for kind, key, value in records.permanent():
        writer.write(archive.SavedRecord(kind, key, value))
    return unreadable


@contextmanager
def finished(to: str) -> Iterator[BinaryIO]:
    """A file for its owner alone, that comes to its place when it is whole."""
    if to.startswith("s3://"):
        from chalicelib.stores.aws import s3  # boto3 is slow to import, and not always there

        with tempfile.TemporaryDirectory(prefix="ev-backup-") as folder:
            path = Path(folder) / "backup"
            with private(path) as file:
                yield file
            s3.put(path, to)
        return
    path = Path(f"{to}.part")
    try:
        with private(path) as file:
            yield file
        path.replace(to)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def private(path: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner may read; on the disk when this is left."""
    path.unlink(missing_ok=True)  # of a backup that was killed
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


# --- and in -----------------------------------------------------------------------------


def restore(source: str, settings: Settings, *, over: bool) -> None:
    """Bring a backup into the store. Raises CommandError; then nothing was written."""
    with fetched(source) as file:
        try:
            tally = archive.check(file)
        except (archive.Damaged, UnreadableSite) as why:
            raise CommandError(
                f"{source} is no whole backup: {why}. Nothing was written."
            ) from why
        restoring = Restoring(settings, file, tally)
        restoring.do(over=over)
        print(f"{settings.store}: {tally} restored from {source}, and read again: all there.")
        if restoring.kept:
            print(f"Kept as they were here, {len(restoring.kept)} of the records: tokens are renewed, and these are the newer ones.")  # fmt: skip
        if restoring.old:
            print(f"Notes of more than ten minutes ago: {', '.join(sorted(restoring.old))}. The line is as it was then; calls that have run out are void, what waited is not said.")  # fmt: skip


@contextmanager
def fetched(source: str) -> Iterator[Path]:
    """The backup as a file."""
    if not source.startswith("s3://"):
        yield Path(source)
        return
    from chalicelib.stores.aws import s3  # boto3 is slow to import, and not always there

    with tempfile.TemporaryDirectory(prefix="ev-backup-") as folder:
        path = Path(folder) / "backup"
        s3.get(source, path)
        yield path


class Restoring:
    """A checked backup on its way into a store."""

    def __init__(self, settings: Settings, file: Path, tally: archive.Tally) -> None:
        self._name = settings.store
        self._store, self._records = wiring.store_of(settings), wiring.records_of(settings)
        self._stays = wiring.stays_of(settings)
        self._keep: dict[str, timedelta] = {}  # by site
        self._there: dict[str, list[FinishedStay]] = {}
        self._now: datetime = wiring.clock_of(settings).now()
        self._file, self._tally = file, tally
        self.old: set[str] = set()
        self.kept: set[tuple[str, str]] = set()

    def do(self, *, over: bool) -> None:
        self._refuse_what_is_there(over=over)
        self._each("written", self._write)
        self._each("read again", self._compare)

    def _refuse_what_is_there(self, *, over: bool) -> None:
        """Nothing is written over that the operator didn't mean."""
        there = self._store.sites()
        if not over and (there or any(True for _ in self._records.permanent())):
            raise CommandError(
                f"{self._name} isn't empty; its sites: {', '.join(there) or 'none'}. If you mean it, "
                "--over writes over what the backup has, too, and leaves the rest. "
                "Nothing was written."
            )
        coming = {one.id for one in archive.things(self._file) if isinstance(one, archive.SavedSite)}  # fmt: skip
        bindings = (one for one in archive.things(self._file) if isinstance(one, archive.Binding))
        for binding in bindings:
            owner = self._store.bound(binding.address)
            if owner is not None and owner not in coming:
                raise CommandError(f"{binding.address} is a channel of the backup, and here it belongs to {owner}, which the backup lacks: remove that site, or give it another channel. Nothing was written.")  # fmt: skip

    def _each(self, what: str, act: Callable[[archive.Thing], None]) -> None:
        for number, thing in enumerate(archive.things(self._file), 1):
            patiently(act, thing)
            if number % EVERY == 0 or number == self._tally.things:
                print(f"{number} of {self._tally.things} {what}", file=sys.stderr)

    def _write(self, thing: archive.Thing) -> None:
        match thing:
            case archive.SavedSite():
                site = self._revived(thing)
                self._keep[site.id] = site.policy.keep_stays
                self._put(site)
            case archive.SavedStay(site_id, stay):
                if self._left(thing) > timedelta(0):
                    self._stays.add(site_id, stay, self._left(thing))
            case archive.Binding(address, site):
                self._store.bind(address, site)
            case archive.SavedRecord(kind, key, value):
                if not self._records.compare_and_set(kind, key, None, value) and self._records.get(kind, key) != value:  # fmt: skip
                    self.kept.add((kind, key))  # tokens are renewed: what is there is the newer

    def _left(self, saved: archive.SavedStay) -> timedelta:
        """How long this stay may still be kept."""
        return saved.stay.until + self._keep[saved.site] - self._now

    def _revived(self, saved: archive.SavedSite) -> Site:
        site = codec.decode(saved.body)
        found = revived(site, self._now)
        if found is not site:
            self.old.add(site.id)
        return found

    def _put(self, site: Site) -> None:
        """Over the version that is there, so that nobody who knew that one can save over ours."""
        while True:
            there = self._store.load(site.id)
            for address in set(there.channels if there else ()) - set(site.channels):
                self._store.bind(address, None)
            try:
                self._store.save(replace(site, version=there.version if there else 0), wake_at(site))  # fmt: skip
            except StaleSite:
                continue
            return

    def _compare(self, thing: archive.Thing) -> None:
        match thing:
            case archive.SavedSite(site_id):
                found = self._store.load(site_id)
                wanted = self._revived(thing)
                same = found is not None and replace(found, version=wanted.version) == wanted
                what = f"site {site_id}"
            case archive.Binding(address, site):
                same, what = self._store.bound(address) == site, f"channel {address}"
            case archive.SavedStay(site_id, stay):
                if site_id not in self._there:
                    self._there = {site_id: self._stays.read(site_id, *ALWAYS)}
                same = stay in self._there[site_id] or self._left(thing) <= timedelta(minutes=1)
                what = f"a stay at {site_id}"
            case archive.SavedRecord(kind, key, value):
                same = (kind, key) in self.kept or self._records.get(kind, key) == value
                what = f"a record of {kind}"
        if not same:
            raise CommandError(
                f"{what} is not what was written: is something running on {self._name}? "
                "Stop it, and restore again with --over."
            )


def patiently(act: Callable[..., T], *arguments: object) -> T:
    """Do it, again after a pause when the store can't: it may be asked too much of."""
    for pause in PAUSES:
        try:
            return act(*arguments)
        except UnreadableSite:
            raise
        except StoreUnavailable:
            time.sleep(pause)
    return act(*arguments)
