"""ChargePoint's Web Services API over SOAP: the calls that we make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.wsse.username import UsernameToken

from chalicelib.core.model import Stations
from chalicelib.edges import NetworkUnavailable

from .http import Transport
from .reply import Declined, Row, read

SHIPPED = Path(__file__).parent / "wsdl"
BINDING = "{urn:dictionary:com.chargepoint.webservices}chargepointservicesSOAP"
LIST_LIMIT = 100  # station ids in one request (API guide 5.1, stationIdListBound)
PAGE_LIMIT = 100  # nobody has 50,000 stations in one group


class ChargePointClient:
    """Asks ChargePoint. Nothing is opened before the first call.

    `url` is scheme and host. `wsdl` is a path or an address; by default our own. The
    endpoint is always `url`'s, never the WSDL's: accounts live in regions, and the
    address inside a WSDL may name another one. `timeout` in seconds of real time holds
    for one attempt; there are at most two.

    Every call raises NetworkRefused (credentials, region, plan) or NetworkUnavailable.
    """

    def __init__(
        self,
        url: str,
        key: str,
        password: str,
        version: str = "5.1",
        wsdl: str | None = None,
        timeout: float = 8.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = UsernameToken(key, password)  # type: ignore[no-untyped-call] # zeep's
        self._version = version
        self._wsdl = wsdl or str(SHIPPED / f"cp_api_{version}.wsdl")
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"ChargePointClient({self._url!r}, version={self._version!r})"

    def stations(self, stations: Stations) -> list[Row]:
        """`getStations` rows of a group or of single stations; unknown ones are left out."""
        if stations.group is not None:
            return self._pages("getStations", sgID=str(stations.group))
        return [
            row
            for station in dict.fromkeys(stations.ids)
            for row in self._pages("getStations", stationID=station)
        ]

    def status(self, ids: Iterable[str]) -> list[Row]:
        """`getStationStatus` rows of stations; it can't be asked by group."""
        return [
            row
            for some in _chunks(list(dict.fromkeys(ids)))
            for row in self._pages("getStationStatus", stationIDs={"stationID": some})
        ]

    def load(self, stations: Stations) -> list[Row]:
        """`getLoad` rows of a group, in one call, or of single stations, one call each."""
        if stations.group is not None:
            return self._call("getLoad", sgID=stations.group).rows("stationData")
        return [
            row
            for station in dict.fromkeys(stations.ids)
            for row in self._call("getLoad", stationID=station).rows("stationData")
        ]

    def register_feeds(self, events: Iterable[str]) -> str:
        """A new subscription to events of all stations that we have rights on; its id.

        There is no way to end one (API guide: registerFeeds).
        """
        reply = read(
            "registerFeeds",
            self._service.registerFeeds(
                Events={"feedEventName": list(events)}, searchQuery={}, feedType="restricted"
            ),
        )
        subscription = reply.text("subscriptionID")
        if not subscription:
            raise Declined("registerFeeds: no subscriptionID")
        return subscription

    def update_feed(self, subscription: str) -> None:
        """Refresh a subscription; Declined when there is none of that id.

        The id is an int in registerFeeds' reply and a string here (WSDL).
        """
        answer = self._service.updateFeed(subscriptionID=subscription, Refresh=True)
        if read("updateFeed", answer).text("responseCode") != "100":
            raise Declined("updateFeed: there is no such subscription")

    def _pages(self, operation: str, **query: Any) -> list[Row]:
        """All pages of `stationData`, by station. A page that brings nothing new is the last:
        a server that repeats itself must not keep us asking.
        """
        found: dict[str, Row] = {}
        start = 1
        for _ in range(PAGE_LIMIT):
            reply = self._call(operation, **query, startRecord=start)
            page = reply.rows("stationData")
            known = len(found)
            for row in page:
                found.setdefault(row.text("stationID"), row)
            if reply.text("moreFlag") != "1" or len(found) == known:
                break
            start += len(page)
        return list(found.values())

    def _call(self, operation: str, **query: Any) -> Row:
        # zeep refuses a call without its searchQuery, so it is always given.
        return read(operation, self._service[operation](searchQuery=query))

    @cached_property
    def _service(self) -> Any:
        settings = zeep.Settings(
            strict=False,
            forbid_dtd=True,
            forbid_entities=True,
            forbid_external=True,
            raw_response=True,  # `reply` reads it, and says why
        )
        transport = Transport(self._timeout)
        try:
            client = zeep.Client(  # type: ignore[no-untyped-call] # zeep is typed in parts only
                self._wsdl, self._token, transport, settings=settings
            )
            return client.create_service(BINDING, self._endpoint)  # type: ignore[no-untyped-call] # same
        except (OSError, ValueError, requests.RequestException, zeep.exceptions.Error) as error:
            raise NetworkUnavailable(f"can't use the WSDL {self._wsdl}: {error}") from error

    @property
    def _endpoint(self) -> str:
        return f"{self._url}/webservices/chargepoint/services/{self._version}"


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), LIST_LIMIT):
        yield ids[start : start + LIST_LIMIT]
