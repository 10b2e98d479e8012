"""A refusal is not asked for again at once: how long, and what else goes on meanwhile."""

from __future__ import annotations

import itertools
import logging
from datetime import timedelta

import pytest

from bot.listener.poller import StationPoller
from bot.networks.chargepoint import ChargePoint, ChargePointClient
from chalicelib.concierge import Concierge
from chalicelib.core.effects import AccessProblem, Unwatched
from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable, NoAccess
from chalicelib.values import replace
from practice.common.people import GROUP
from tests.bot.networks.chargepoint.client_kit import KEY, PASSWORD, Garage, serving
from tests.fakes import BOSS, FakeMessenger, FakeStore, site_of

MINUTE = timedelta(minutes=1)
HQ = Site("hq", "HQ garage", stations=Stations(group=GROUP))
ANNEX = Site("annex", "Annex", stations=Stations(ids=("1:900002",)))


def stranger(garage: Garage, url: str) -> ChargePoint:
    """Somebody with the wrong password."""
    client = ChargePointClient(url, KEY, "wrong-horse", clock=garage.clock)
    return ChargePoint(client, garage.clock)


def test_locked_out_for_five_minutes(garage: Garage) -> None:
    """After a refused token no site asks for anything for 5 minutes; then one call is made."""
    with serving(garage.record) as url:
        network = stranger(garage, url)
        for minutes in (0, 1, 3.9):
            garage.clock.pass_minutes(minutes)
            with pytest.raises(NoAccess, match="check the API key"):
                network.look(HQ)
            with pytest.raises(NetworkRefused):
                network.look(ANNEX)
            with pytest.raises(NetworkRefused):
                network.limit(HQ, 3.3, 0)
        assert len(garage.record.asked) == 1
        garage.clock.pass_minutes(0.1)
        with pytest.raises(NetworkRefused):
            network.look(HQ)
        assert len(garage.record.asked) == 2


def test_the_listeners_schedule(garage: Garage) -> None:
    """A refused login is tried every 5 minutes, whatever the poll and however many events hint;
    the admins hear of it once, and the new password is noticed by itself.
    """
    store, slack, hq = FakeStore(), FakeMessenger(), site_of()
    for site in (hq, replace(hq, id="annex")):
        store.save(replace(site, stations=Stations(group=GROUP)), None)
    with serving(garage.record) as url:
        network = stranger(garage, url)
        poller = StationPoller(Concierge(store, {"slack": slack}, garage.clock, network), MINUTE)
        tried = []
        for _ in range(60 * 6):
            before = len(garage.record.asked)
            poller.hint("1:900001")
            poller.turn()
            tried += [garage.clock.now()] * (len(garage.record.asked) - before)
            garage.clock.pass_minutes(1 / 6)
        gaps = {later - earlier for earlier, later in itertools.pairwise(tried)}
        assert (len(tried), gaps) == (12, {5 * MINUTE})
        told = [(one.to, one.effect) for name in store.sites() for one in store.site(name).outbox]
        assert told == [(BOSS, Unwatched(AccessProblem.NO_ACCESS))] * 2
        network._client._token.password = PASSWORD
        garage.clock.pass_minutes(5)
        poller.turn()
        assert all(store.site(name).looked_at for name in store.sites())


def test_let_in_again(garage: Garage) -> None:
    """A new password on the network's side ends the refusal by itself."""
    garage.app.fault_config.fault = "FailedAuthentication"
    with pytest.raises(NoAccess):
        garage.network.look(HQ)
    garage.app.fault_config.fault = ""
    garage.clock.pass_minutes(5)
    assert len(garage.network.look(HQ).ports) == 4


def test_an_outage_is_no_refusal(garage: Garage) -> None:
    """A fault that isn't about us is asked about again at the next look."""
    garage.app.fault_config.fault = "Server"
    for _ in range(2):
        with pytest.raises(NetworkUnavailable):
            garage.network.look(HQ)
    garage.app.fault_config.fault = ""
    assert len(garage.network.look(HQ).ports) == 4


def test_a_denied_call_rests_for_a_quarter_of_an_hour(garage: Garage) -> None:
    """A denial of the one thing that a look can't do without refuses it, without calls."""
    garage.app.fault_config.denied = frozenset({"getStationStatus"})
    for minutes in (0, 7, 7.9):
        garage.clock.pass_minutes(minutes)
        with pytest.raises(NetworkRefused, match="getStationStatus: denied"):
            garage.network.look(HQ)
    assert list(garage.app.calls).count("getStationStatus") == 1
    garage.app.fault_config.denied = frozenset()
    garage.clock.pass_minutes(0.1)
    assert len(garage.network.look(HQ).ports) == 4


def test_a_denial_is_about_one_question(garage: Garage) -> None:
    """Rights differ by station: that one site is denied doesn't blind another."""
    garage.app.fault_config.denied = frozenset({"getLoad"})
    assert garage.ports(HQ)["1:900002/1"].load_kw is None
    garage.app.fault_config.denied = frozenset()
    assert garage.ports(HQ)["1:900002/1"].load_kw is None
    assert garage.ports(ANNEX)["1:900002/1"].load_kw == 0.0


@pytest.mark.parametrize("denied", ["getLoad", "getAlarms", "getUsers", "getStationActiveFaults"])
def test_a_denied_feature_is_off_with_one_word(
    garage: Garage, denied: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without one of the calls that a plan may lack, everything else works; it is said once."""
    caplog.set_level(logging.WARNING, "bot.networks.chargepoint")
    garage.app.fault_config.denied = frozenset({denied})
    for _ in range(3):
        assert len(garage.network.look(HQ).ports) == 4
        assert garage.network.alarms(HQ) == ()
        assert bool(garage.network.users()) is (denied != "getUsers")
    (word,) = [record.getMessage() for record in caplog.records]
    assert f"({denied}): lost: {denied}: denied (code 101" in word
    assert list(garage.app.calls).count(denied) == 1
