"""ChargePoint's Web Services API over SOAP: the calls that we make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.wsse.username import UsernameToken

from chalicelib.clock import SystemClock
from chalicelib.core.model import Stations
from chalicelib.edges import Clock, NetworkRefused, NetworkUnavailable, NoAccess

from . import http, markup
from .http import Answer
from .refusals import Refusals
from .reply import Declined, PlanDenied, Reply, Row, read
from .versions import VERSIONS, Question, Station

SHIPPED = Path(__file__).parent / "wsdl"
BINDING = "{urn:dictionary:com.chargepoint.webservices}chargepointservicesSOAP"
PAGE_LIMIT = 100  # nobody has 50,000 stations in one group


class ChargePointClient:
    """Asks ChargePoint. Nothing is opened before the first call.

    `url` is scheme and host. `wsdl` is a path or an address; by default our own. The
    endpoint is always `url`'s, never the WSDL's: accounts live in regions, and the
    address inside a WSDL may name another one. `timeout` in seconds of real time holds
    for one attempt; there are at most two. On `clock` go the minutes for which a refusal
    is repeated without asking again.

    Every call raises NetworkRefused (credentials, region, plan, or what this version of the
    API lacks) or NetworkUnavailable.
    """

    def __init__(
        self,
        url: str,
        key: str,
        password: str,
        version: str = "5.1",
        wsdl: str | None = None,
        timeout: float = 8.0,
        clock: Clock | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = UsernameToken(key, password)  # type: ignore[no-untyped-call] # zeep's
        self._version = VERSIONS[version]
        self._refusals = Refusals(clock or SystemClock())
        self._wsdl = wsdl or str(SHIPPED / f"cp_api_{version}.wsdl")
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"ChargePointClient({self._url!r}, version={self._version.name!r})"

    @property
    def needs_details(self) -> bool:
        """Single stations must be named with their group or organization."""
        return self._version.needs_details

    @property
    def knows_private(self) -> bool:
        """`status` tells of stations that aren't public, too; else their inventory does."""
        return self._version.knows_private

    def stations(self, stations: Stations) -> list[Row]:
        """`getStations` rows of a group or of single stations; unknown ones are left out."""
        if stations.group is not None:
            return self._rows(self._version.stations(group=stations.group))
        return [
            row
            for station in dict.fromkeys(stations.ids)
            for row in self._rows(self._version.stations(station=station))
        ]

    def all_stations(self) -> list[Row]:
        """`getStations` rows of whatever the account may see."""
        return self._rows(self._version.stations())

    def status(self, ids: Iterable[str]) -> list[Row]:
        """Rows of stations with the status of their ports."""
        return self._all(self._version.status(list(dict.fromkeys(ids))))

    def load(self, stations: Stations, known: Mapping[str, Station] | None = None) -> list[Row]:
        """`getLoad` rows of a group, in one call, or of single stations, one call each.

        `known` tells more of these stations, where the version `needs_details`.
        """
        if stations.group is not None:
            return self._rows(self._version.load_of_group(stations.group))
        each = [(known or {}).get(one, Station(one)) for one in dict.fromkeys(stations.ids)]
        return self._all(map(self._version.load_of_station, each))

    def limit(self, station: Station, ports: Sequence[str], kw: float, minutes: int) -> None:
        """`shedLoad`: let each of these, all the ports of a station, give at most `kw`."""
        self._order(self._version.limit(station, ports, kw, minutes))

    def lift(self, station: Station) -> None:
        """`clearShedState` of a whole station."""
        self._order(self._version.lift(station))

    def alarms(self, group: int | None, stations: Sequence[Station]) -> list[Row]:
        """`getAlarms` rows: of the group, where there is one, or of the stations."""
        return self._all(self._version.alarms(group, stations))

    def faults(self, stations: Sequence[Station]) -> list[Row]:
        """`getStationActiveFaults` rows, by station; none before API 5.1."""
        return self._all(self._version.faults(stations))

    def running(self, stations: Sequence[Station]) -> list[Row]:
        """`getChargingSessionData` rows of sessions that run now; none before API 5.1."""
        return self._all(self._version.running(stations))

    def finished(self, stations: Sequence[Station], since: datetime) -> list[Row]:
        """`getChargingSessionData` rows of sessions that are over."""
        return self._all(self._version.finished(stations, since))

    def groups(self, org: str) -> list[Row]:
        """`getStationGroups` rows of an organization."""
        return self._rows(self._version.groups(org))

    def users(self) -> list[Row]:
        """`getUsers` rows."""
        return self._rows(self._version.users())

    def register_feeds(self, events: Iterable[str]) -> str:
        """A new subscription to events of all stations that we have rights on; its id.

        There is no way to end one (API guide: registerFeeds): so it is asked for once, and of
        NetworkUnavailable only NotReached, SlowDown and Declined mean that there is none.
        """
        arguments = {
            "Events": {"feedEventName": list(events)},
            "searchQuery": {},
            "feedType": "restricted",
        }
        reply = self._ask(Question("registerFeeds", arguments), **arguments)
        subscription = reply.text("subscriptionID")
        if not subscription:
            raise Declined("registerFeeds: no subscriptionID")
        return subscription

    def update_feed(self, subscription: str) -> None:
        """Refresh a subscription; Declined when there is none of that id.

        The id is an int in registerFeeds' reply and a string here (WSDL).
        """
        arguments = {"subscriptionID": subscription, "Refresh": True}
        reply = self._ask(Question("updateFeed", arguments), **arguments)
        if reply.text("responseCode") != "100":
            raise Declined("updateFeed: there is no such subscription")

    def _all(self, questions: Iterable[Question]) -> list[Row]:
        return [row for question in questions for row in self._rows(question)]

    def _rows(self, question: Question) -> list[Row]:
        """The rows of all pages. A page that brings nothing new is the last: a server that
        repeats itself must not keep us asking.
        """
        if not question.paged:
            return self._ask(question, **question.arguments).page(question.path)[0]
        found: dict[tuple[tuple[str, ...], ...], Row] = {}
        start, size = 1, 0
        for _ in range(PAGE_LIMIT):
            reply = self._ask(question, **question.page(start))
            page, more = reply.page(question.path)
            known = len(found)
            for row in page:
                found.setdefault(tuple(map(row.texts, question.key)), row)
            size += reply.size
            if size > http.LARGEST:
                raise http.TooMuch
            if not more or len(found) == known:
                break
            start += len(page)
        return list(found.values())

    def _order(self, question: Question) -> None:
        """Have it done. Whatever isn't a plain success is a refusal, in the network's words."""
        try:
            reply = self._ask(question, **question.arguments)
        except Declined as answer:
            raise NetworkRefused(str(answer)) from answer
        code, success = reply.text("responseCode"), reply.text("Success")
        if code != "100" or success.casefold() in {"0", "false"}:
            words = reply.text("responseText") or "no reason given"
            raise NetworkRefused(f"{question.operation}: not done: {words} (code {code})")

    def _ask(self, question: Question, **arguments: Any) -> Reply:
        """One call, unless it was refused a moment ago."""
        with self._refusals.asking(question.subject):
            return read(question.operation, self._post(question.operation, arguments))

    def _post(self, operation: str, arguments: dict[str, Any]) -> Answer:
        """What zeep does: it makes the request by the WSDL, and has it sent.

        What doesn't fit, because the WSDL is another one or a value can't be in XML, is refused.
        """
        service = self._service
        try:
            call = service[operation]
        except (AttributeError, LookupError) as error:
            raise PlanDenied(f"{operation}: {self._wsdl} doesn't have it") from error
        try:
            answer: Answer = call(**arguments)
        except (TypeError, ValueError, AttributeError, zeep.exceptions.Error) as error:
            raise self._misfit(operation, error) from error
        return answer

    def _misfit(self, operation: str, error: Exception) -> NetworkRefused:
        """Why a request can't be made, without any secret in it."""
        for what, secret in (("key", self._token.username), ("password", self._token.password)):
            if markup.is_unfit(secret):
                return NoAccess(
                    f"{operation}: the API {what} holds a character that can't be sent: set it "
                    "again, as ChargePoint shows it"
                )
        return NetworkRefused(f"{operation}: can't be asked by {self._wsdl}: {error}")

    @cached_property
    def _service(self) -> Any:
        settings = zeep.Settings(
            strict=False,
            forbid_dtd=True,
            forbid_entities=True,
            forbid_external=True,
            raw_response=True,  # `reply` reads it, and says why
        )
        transport = http.Transport(self._timeout)
        try:
            client = zeep.Client(  # type: ignore[no-untyped-call] # zeep is typed in parts only
                self._wsdl, self._token, transport, settings=settings
            )
            return client.create_service(BINDING, self._endpoint)  # type: ignore[no-untyped-call] # same
        except (OSError, ValueError, requests.RequestException, zeep.exceptions.Error) as error:
            raise NetworkUnavailable(f"can't use the WSDL {self._wsdl}: {error}") from error

    @property
    def _endpoint(self) -> str:
        return f"{self._url}/webservices/chargepoint/services/{self._version.name}"
