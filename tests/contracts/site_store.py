"""What every store must do. A backend's test subclasses these and supplies the fixtures.

`store` is a fresh SiteStore, `raw` its medium, read and written around the store, so
that saving and loading are not only tested against each other; `down` is a store whose
medium can't be reached.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Protocol

import pytest

from chalicelib.core.model import Entry, Site
from chalicelib.edges import NewerFormat, Records, SiteStore, StaleSite, StoreUnavailable
from chalicelib.stores import codec
from chalicelib.values import replace

NOON = datetime(2026, 3, 2, 12, 0, 0, 125, tzinfo=UTC)
HQ = Site("hq", "HQ garage", queue=(Entry("slack:T0HQ:U0ANA", NOON),))
KNOWN_WITHIN = 2.0  # seconds, for a store that is down


class Raw(Protocol):
    """The medium itself."""

    def get(self, site_id: str) -> bytes | None:
        """The site's body."""

    def put(self, site_id: str, version: int, body: bytes) -> None:
        """Lay a body there, over whatever is."""


class SiteStoreContract:
    """Loading, saving, waking and binding."""

    def test_an_unknown_site_is_none(self, store: SiteStore) -> None:
        """Nobody has saved it, so there is nothing to load."""
        assert store.load("nowhere") is None

    def test_what_was_saved_is_loaded(self, store: SiteStore) -> None:
        """The next load is what save() returned, one version on."""
        saved = store.save(HQ, None)
        assert saved == replace(HQ, version=1)
        assert store.load("hq") == saved

    def test_the_version_counts_up(self, store: SiteStore) -> None:
        """Each save is the next version."""
        site = HQ
        for _ in range(3):
            site = store.save(site, None)
        assert site.version == 3
        assert store.load("hq") == site

    def test_a_stale_save_changes_nothing(self, store: SiteStore, raw: Raw) -> None:
        """Whoever saves over a version that is gone is told, and the medium is untouched."""
        first = store.save(HQ, NOON)
        store.save(replace(first, name="Newer"), NOON)
        before = raw.get("hq")
        with pytest.raises(StaleSite):
            store.save(replace(first, name="Stale"), None)
        assert raw.get("hq") == before
        assert store.due(NOON) == ["hq"]

    def test_a_new_site_never_overwrites(self, store: SiteStore) -> None:
        """Version 0 means that the site must not exist."""
        saved = store.save(HQ, None)
        with pytest.raises(StaleSite):
            store.save(replace(HQ, name="Again"), None)
        assert store.load("hq") == saved

    def test_a_site_that_is_gone_is_stale(self, store: SiteStore) -> None:
        """A save over a deleted site doesn't bring it back."""
        saved = store.save(HQ, None)
        store.delete("hq")
        with pytest.raises(StaleSite):
            store.save(saved, None)
        assert store.load("hq") is None

    def test_saving_writes_the_medium(self, store: SiteStore, raw: Raw) -> None:
        """The body that lies in the medium is the site, its version included."""
        store.save(HQ, None)
        body = raw.get("hq")
        assert body
        assert codec.decode(body) == replace(HQ, version=1)

    def test_loading_reads_the_medium(self, store: SiteStore, raw: Raw) -> None:
        """What somebody else laid there is what is loaded."""
        theirs = replace(HQ, version=9, name="Theirs")
        raw.put("hq", 9, codec.encode(theirs))
        assert store.load("hq") == theirs
        assert store.save(theirs, None).version == 10

    def test_a_newer_format_is_refused_and_kept(self, store: SiteStore, raw: Raw) -> None:
        """An old program neither reads nor overwrites what a newer one saved."""
        store.save(HQ, None)
        newer = bytes([codec.FORMAT + 1]) + b"from the future"
        raw.put("hq", 2, newer)
        with pytest.raises(NewerFormat, match=f"format {codec.FORMAT + 1}"):
            store.load("hq")
        for version in (0, 1):
            with pytest.raises(StaleSite):
                store.save(replace(HQ, version=version), None)
        assert raw.get("hq") == newer

    def test_rubbish_is_a_fault_with_words(self, store: SiteStore, raw: Raw) -> None:
        """A damaged site is named as such."""
        raw.put("hq", 1, b"\x01rubbish")
        with pytest.raises(StoreUnavailable, match="the saved site can't be read"):
            store.load("hq")

    def test_due_sites_come_in_their_order(self, store: SiteStore) -> None:
        """Only those whose time has come, the earliest first, to the microsecond."""
        wakes = {"c": -3, "a": -2, "b": 0, "late": 1, "later": 3_600_000_000}
        for site_id, micros in wakes.items():
            store.save(Site(site_id, site_id), NOON + timedelta(microseconds=micros))
        assert store.due(NOON) == ["c", "a", "b"]

    def test_many_sites_are_due(self, store: SiteStore) -> None:
        """None is lost where they lie in several parts."""
        ids = [f"site-{n:02}" for n in range(40)]
        for n, site_id in enumerate(ids):
            store.save(Site(site_id, site_id), NOON + timedelta(seconds=n))
        assert store.due(NOON + timedelta(seconds=40)) == ids

    def test_a_site_without_a_time_is_never_due(self, store: SiteStore) -> None:
        """Saving with no wake_at takes the site out of the index, until the next one."""
        saved = store.save(store.save(HQ, NOON), None)
        assert store.due(NOON) == []
        store.save(saved, NOON)
        assert store.due(NOON) == ["hq"]

    def test_sites_are_listed(self, store: SiteStore) -> None:
        """All of them, sorted, due or not, and no longer when deleted."""
        for site_id in ("b", "c", "a"):
            store.save(Site(site_id, site_id), NOON if site_id == "a" else None)
        store.delete("c")
        assert store.sites() == ["a", "b"]

    def test_a_channel_means_a_site(self, store: SiteStore) -> None:
        """The latest binding counts; None unbinds."""
        channel = "slack:T0HQ:C0EV"
        assert store.bound(channel) is None
        store.bind(channel, "hq")
        store.bind(channel, "annex")
        assert store.bound(channel) == "annex"
        store.bind(channel, None)
        assert store.bound(channel) is None

    def test_a_workspace_knows_its_sites(self, store: SiteStore) -> None:
        """Each site once, sorted; a longer name or an odd sign is another workspace."""
        bindings = {"T0:C2": "b", "T0:C1": "a", "T0:C3": "a", "T00:C1": "c", "T_:C1": "d"}
        for address, site_id in bindings.items():
            store.bind(f"slack:{address}", site_id)
        assert store.bound_to("slack:T0:") == ["a", "b"]
        assert store.bound_to("slack:T_:") == ["d"]
        assert store.bound_to("slack:T1:") == []

    def test_a_deleted_site_is_forgotten(self, store: SiteStore, raw: Raw) -> None:
        """Its bindings and its alarm go with it, others stay; twice is harmless."""
        store.save(HQ, NOON)
        store.save(Site("annex", "Annex"), None)
        for channel, site_id in {"C1": "hq", "C2": "annex", "C3": "hq"}.items():
            store.bind(f"slack:T0:{channel}", site_id)
        store.delete("hq")
        store.delete("hq")
        assert raw.get("hq") is None
        assert store.due(NOON) == []
        assert store.bound_to("slack:T0:") == ["annex"]
        assert store.load("annex")

    def test_a_deleted_site_can_be_made_anew(self, store: SiteStore) -> None:
        """It begins at version 1 again."""
        store.save(store.save(HQ, None), None)
        store.delete("hq")
        assert store.save(HQ, None).version == 1


class DownContract:
    """What a store does whose medium can't be reached."""

    @pytest.mark.parametrize(
        "ask",
        [
            lambda store: store.load("hq"),
            lambda store: store.save(HQ, None),
            lambda store: store.save(replace(HQ, version=1), None),
            lambda store: store.delete("hq"),
            lambda store: store.sites(),
            lambda store: store.due(NOON),
            lambda store: store.bind("slack:T0:C1", "hq"),
            lambda store: store.bound("slack:T0:C1"),
            lambda store: store.bound_to("slack:T0:"),
        ],
        ids=["load", "create", "save", "delete", "sites", "due", "bind", "bound", "bound_to"],
    )
    def test_a_store_that_is_down_says_so(
        self, down: SiteStore, ask: Callable[[SiteStore], object]
    ) -> None:
        """StoreUnavailable from every method, soon enough to answer a driver."""
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            ask(down)
        assert time.monotonic() - began < KNOWN_WITHIN


class RacingContract:
    """What only a store that is safe among threads can show."""

    RACERS = 8

    @pytest.mark.parametrize("version", [0, 1])
    def test_of_racers_one_wins(self, store: SiteStore, version: int) -> None:
        """All save over the same version at once: one has done it, all others are told."""
        base = store.save(HQ, None) if version else HQ
        start = Barrier(self.RACERS)

        def race(racer: int) -> str | None:
            start.wait()
            try:
                return store.save(replace(base, name=f"racer {racer}"), None).name
            except StaleSite:
                return None

        with ThreadPoolExecutor(self.RACERS) as pool:
            winners = [name for name in pool.map(race, range(self.RACERS)) if name]
        loaded = store.load("hq")
        assert loaded
        assert [loaded.name] == winners
        assert loaded.version == version + 1

    def test_nothing_is_lost_among_writers(self, store: SiteStore) -> None:
        """Every acknowledged save is one version."""
        store.save(HQ, None)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: add_versions(store, 10), range(4)))
        loaded = store.load("hq")
        assert loaded
        assert loaded.version == 41
        assert loaded.serial == 40


def add_versions(store: SiteStore, count: int) -> None:
    """Count the site's serial up, again from a fresh load whenever somebody was faster."""
    while count:
        site = store.load("hq")
        assert site
        try:
            store.save(replace(site, serial=site.serial + 1), None)
            count -= 1
        except StaleSite:
            continue


class RecordsContract:
    """The small things beside the sites. `records` is a fresh Records on the clock `now`."""

    MINUTE = timedelta(minutes=1)

    def test_what_was_put_is_got(self, records: Records) -> None:
        """By kind and key; the last put counts; deleting twice is harmless."""
        records.put("installation", "T0", {"token": "old"})
        records.put("installation", "T0", {"token": "nüsse", "n": [1, 2.5, None]})
        assert records.get("installation", "T0") == {"token": "nüsse", "n": [1, 2.5, None]}
        assert records.get("installation", "T1") is None
        assert records.get("lease", "T0") is None
        records.delete("installation", "T0")
        records.delete("installation", "T0")
        assert records.get("installation", "T0") is None

    def test_a_record_expires(self, records: Records, now: list[float]) -> None:
        """After its time to live it is gone; a later put without one stays for ever."""
        records.put("lease", "hq", {"by": "me"}, self.MINUTE)
        now[0] += 59
        assert records.get("lease", "hq") == {"by": "me"}
        now[0] += 1
        assert records.get("lease", "hq") is None
        records.put("lease", "hq", {"by": "me"}, self.MINUTE)
        records.put("lease", "hq", {"by": "me"})
        now[0] += 1e9
        assert records.get("lease", "hq") == {"by": "me"}

    def test_a_lease_has_one_holder(self, records: Records, now: list[float]) -> None:
        """It is taken when free, renewed by its holder, and free again when it ran out."""
        mine, theirs = {"by": "me", "n": 1}, {"by": "them"}
        assert records.compare_and_set("lease", "hq", None, mine, self.MINUTE)
        assert not records.compare_and_set("lease", "hq", None, theirs, self.MINUTE)
        now[0] += 40
        assert records.compare_and_set("lease", "hq", {"n": 1, "by": "me"}, mine, self.MINUTE)
        now[0] += 40
        assert not records.compare_and_set("lease", "hq", theirs, theirs, self.MINUTE)
        assert records.get("lease", "hq") == mine
        now[0] += 20
        assert not records.compare_and_set("lease", "hq", mine, mine, self.MINUTE)
        assert records.compare_and_set("lease", "hq", None, theirs, self.MINUTE)
        assert records.get("lease", "hq") == theirs

    def test_only_the_holder_gives_a_lease_back(self, records: Records) -> None:
        """A delete of what somebody else has by now does nothing."""
        records.put("lease", "hq", {"by": "them"})
        records.delete("lease", "hq", only={"by": "me"})
        assert records.get("lease", "hq") == {"by": "them"}
        records.delete("lease", "hq", only={"by": "them"})
        assert records.get("lease", "hq") is None

    def test_keys(self, records: Records, now: list[float]) -> None:
        """The keys of one kind, in order; those of expired records are not among them."""
        for key in ("T1", "T0", "E0"):
            records.put("installation", key, {})
        records.put("installation", "T2", {}, self.MINUTE)
        records.put("lease", "T3", {})
        assert records.keys("installation") == ["E0", "T0", "T1", "T2"]
        now[0] += 61
        assert records.keys("installation") == ["E0", "T0", "T1"]
        assert records.keys("none") == []

    def test_nothing_to_swap_is_no_swap(self, records: Records) -> None:
        """Replacing what isn't there changes nothing."""
        assert not records.compare_and_set("lease", "hq", {"by": "me"}, {"by": "me"})
        assert records.get("lease", "hq") is None

    def test_what_lasts_is_listed(self, records: Records, now: list[float]) -> None:
        """Everything that was put for ever, whatever its kind; nothing that will expire."""
        records.put("installation", "T0", {"token": "nüsse"})
        records.put("installation", "T1", {"n": 1})
        records.compare_and_set("rooms#of", "T0", None, {"C1": True})
        records.put("lease", "hq", {"by": "me"}, self.MINUTE)
        records.put("gone", "T0", {})
        records.delete("gone", "T0")
        records.put("late", "T0", {}, self.MINUTE)
        records.put("late", "T0", {})
        now[0] += 1e6
        assert sorted(records.permanent()) == [
            ("installation", "T0", {"token": "nüsse"}),
            ("installation", "T1", {"n": 1}),
            ("late", "T0", {}),
            ("rooms#of", "T0", {"C1": True}),
        ]
