"""getAlarms, getStationActiveFaults and getUsers of the ChargePoint stand-in."""

from __future__ import annotations

from collections.abc import Iterable

from bot.networks.chargepoint.reply import Row
from practice.common.people import Driver

from .asked import Asked, Field, Malformed, Trouble, head, numbered


def get_alarms(asked: Asked) -> list[Field]:
    """Newest first. 4.1 has its arguments directly in the request, and wants the organization."""
    query = asked.wrapper if asked.is_41 else asked.part("searchQuery")
    if asked.is_41 and not all(query.text(name) for name, _ in asked.org):
        raise Malformed("orgID and organizationName are missing")
    rows = [_alarm(asked, one) for one in _wanted(asked, query)]
    if not rows:
        return [*head(153), *([("moreFlag", 0)] if asked.is_41 else [])]
    if not asked.is_41:
        rows = [[*row, ("recordNumber", n)] for n, row in enumerate(rows, 1)]
    return head(100) + asked.page(rows, query, "Alarms", "numTransactions")


def _wanted(asked: Asked, query: Row) -> list[Trouble]:
    """What the filters leave: organization, group, stations, port."""
    if any(query.text(name) not in {"", value} for name, value in asked.org):
        return []
    stations = asked.group(query) if query.text("sgID") else asked.stations()
    ids, listed, port = (
        {name for name, _ in stations},
        asked.listed(query),
        query.text("portNumber"),
    )
    found = [
        one
        for one in asked.mood.alarms
        if one.station in (ids & listed if listed else ids) and port in {"", one.port}
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _alarm(asked: Asked, alarm: Trouble) -> list[Field]:
    """In 4.1 portNumber is a number, so that of a whole station isn't even blank."""
    port: list[Field] = [("portNumber", alarm.port)]
    return [
        ("stationID", alarm.station),
        ("stationName", f"PRACTICE CO / NORTH {alarm.station[-2:]}"),
        ("stationModel", "P-2"),
        *asked.org,
        ("stationManufacturer", "Practice"),
        *(port if alarm.port or not asked.is_41 else []),
        ("alarmType", alarm.kind),
        ("alarmTime", alarm.at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]


def get_station_active_faults(asked: Asked) -> list[Field]:
    wanted = asked.listed(asked.part("searchQuery"))
    if not wanted:
        return head(172)
    found = [one for one, _ in asked.stations() if one in wanted]
    if not found:
        return head(102)
    return [*head(100), ("stations", [("station", _faulty(asked, one)) for one in found])]


def _faulty(asked: Asked, station: str) -> list[Field]:
    standing = [
        [
            ("faultCode", f"F{len(fault.kind):03}"),
            ("faultName", fault.kind),
            ("faultTime", fault.at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("faultSeverity", "Major"),
        ]
        for fault in asked.mood.faults
        if fault.station == station
    ]
    faults: list[Field] = [("stationFault", fault) for fault in standing]
    return [("stationID", station), ("stationFaults", faults)]


def get_users(asked: Asked) -> list[Field]:
    """Only the drivers who are connected to the organization are listed."""
    query = asked.part("searchQuery")
    found = [_user(driver) for driver in _known(asked.mood.users, query)]
    if not found:
        return head(160)
    rows = [
        [*row, *number] for row, number in zip(found, numbered([[]] * len(found)), strict=True)
    ]
    return [*head(100), ("users", asked.page(rows, query, "user", "numUsers"))]


def _known(users: Iterable[Driver], query: Row) -> list[Driver]:
    user, credential = query.text("userID"), query.text("credentialID")
    return [
        driver
        for driver in users
        if user in {"", driver.user_id} and credential in {"", driver.credential_id}
    ]


def _user(driver: Driver) -> list[Field]:
    """The employee number is what drivers type in when they connect."""
    info: list[Field] = [("Key", "Employee number"), ("Value", f"E{driver.user_id[-4:]}")]
    return [
        ("lastModifiedTimestamp", "2031-01-06T08:00:00Z"),
        ("userID", driver.user_id),
        ("firstName", driver.name.title()),
        ("lastName", "Practice"),
        (
            "Connection",
            [
                ("Status", "APPROVED"),
                ("requestTimeStamp", "2031-01-05T08:00:00Z"),
                ("customInfos", [("customInfo", info)]),
            ],
        ),
        ("managementRealm", ""),
        ("credentialIDs", [("credentialID", driver.credential_id)]),
    ]
