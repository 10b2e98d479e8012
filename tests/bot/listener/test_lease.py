"""Two listeners, one leader."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.listener.lease import KEY, KIND, Lease, is_gone, machine
from bot.listener.poller import StationPoller
from chalicelib.edges import Records
from chalicelib.stores import open_store
from tests.fakes import site_of, world

TERM = timedelta(seconds=1)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """The small things beside the sites, in a file that both listeners use."""
    return open_store(f"sqlite:{tmp_path / 'ev.db'}").records


class TestLease:
    """A lease in the store says who looks at the chargers."""

    def test_one_leads(self, records: Records) -> None:
        """The second waits for as long as the first renews."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        for _ in range(4):
            assert first.leads()
            assert not second.leads()
            time.sleep(0.4)

    def test_a_silent_leader_is_replaced(self, records: Records) -> None:
        """Dead or stalled, it is replaced within its term, and stands by when it wakes."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        assert first.leads()
        give_up = time.monotonic() + 5
        while not second.leads():
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert not first.leads()

    def test_a_standby_only_reads(self, records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
        """It asks twice a second, and even a write that fails is paid for on DynamoDB."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        assert first.leads()
        monkeypatch.setattr(records, "compare_and_set", lambda *_: pytest.fail("it writes"))
        assert not second.leads()

    def test_a_leader_that_goes_hands_over(self, records: Records) -> None:
        """Released, the lease is anybody's at once; a standby's release takes nothing."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        assert first.leads()
        second.release()
        assert not second.leads()
        first.release()
        assert second.leads()

    def test_to_hold_is_not_to_renew(self, records: Records) -> None:
        """Whoever only asks keeps nothing: a leader that stopped looking is replaced."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        assert not first.holds
        assert first.leads()
        give_up = time.monotonic() + 5
        while not second.leads():
            first.holds  # noqa: B018 — again and again
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert not first.holds
        assert second.holds

    def test_lost_is_what_another_has(self, records: Records) -> None:
        """Only slow, nobody has taken it: it is not lost before another leads."""
        first, second = Lease(records, TERM, "a"), Lease(records, TERM, "b")
        assert first.leads()
        assert not first.is_lost()
        assert second.is_lost()
        give_up = time.monotonic() + 5
        while first.holds:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert not first.is_lost()
        while not second.leads():
            assert time.monotonic() < give_up
            time.sleep(0.05)
        assert first.is_lost()
        assert not second.is_lost()

    def test_namesakes_are_two(self, records: Records) -> None:
        """Process 1 of two containers with one name: neither renews the other's lease."""
        first, second = Lease(records, TERM, "hq/1"), Lease(records, TERM, "hq/1")
        assert first.leads()
        assert not second.leads()

    def test_a_restart_on_the_same_machine_waits_for_nothing(self, records: Records) -> None:
        """A process that is no more can't renew: its successor leads at once."""
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        gone = f"{machine()}/{ended.pid}"
        records.put(KIND, KEY, {"owner": gone}, timedelta(minutes=5))
        assert is_gone(gone)
        assert Lease(records).leads()

    @pytest.mark.parametrize(
        "owner",
        ["elsewhere/1", "", "x", f"{machine()}/{os.getpid()}", f"{socket.gethostname()}:1/999999"],
        ids=["elsewhere", "nobody", "no process", "this process", "a namesake"],
    )
    def test_others_are_not_declared_dead(self, owner: str) -> None:
        """Another machine's process, or one that lives, keeps its term."""
        assert not is_gone(owner)


def test_a_long_turn_asks_before_each_look() -> None:
    """Twenty sites of a slow network last longer than the term; a lease that is lost ends it."""
    hall = world()
    for number in range(3):
        hall.store.put(site_of(f"slack:T0HQ:C{number}", id=f"lot-{number}"))
    poller = StationPoller(hall.concierge, timedelta(minutes=1))
    answers = iter([True, True, False, False])
    poller.leads = lambda: next(answers)
    poller.turn()
    assert hall.network.looks == 2
    poller.leads = lambda: True
    poller.turn()
    assert hall.network.looks == 4
