"""getAlarms, getStationActiveFaults and getUsers of the ChargePoint stand-in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bot.networks.chargepoint.reply import Row
from practice.common.people import Driver

from .asked import Asked, Field, Trouble, head, moment, numbered
from .schema import Malformed
from .search import facts, search

OWN = ("startTime", "endTime", "portNumber", "alarmType", "clearReason", "numTransactions")
MODIFIED = datetime(2031, 1, 6, 8, tzinfo=UTC)


def get_alarms(asked: Asked) -> list[Field]:
    """Newest first. 4.1 has its arguments directly in the request, and no way to turn the page."""
    query = _query(asked)
    rows = [_alarm(asked, one) for one in _wanted(asked, query)]
    if not rows:
        return [*head(153), *([("moreFlag", 0)] if asked.is_41 else [])]
    if not asked.is_41:
        rows = [[*row, ("recordNumber", n)] for n, row in enumerate(rows, 1)]
    return head(100) + asked.page(rows, query, "Alarms", "numTransactions")


def clear_alarms(asked: Asked) -> list[Field]:
    """Those that the filters leave are no more."""
    wanted = _wanted(asked, _query(asked))
    asked.fault_config.alarms = tuple(
        one for one in asked.fault_config.alarms if one not in wanted
    )
    return head(100 if wanted else 153)


def _query(asked: Asked) -> Row:
    """4.1 wants the organization named."""
    if not asked.is_41:
        return asked.part("searchQuery")
    if not all(asked.wrapper.text(name) for name in ("orgID", "organizationName")):
        raise Malformed("orgID and organizationName are missing")
    return asked.wrapper


def _wanted(asked: Asked, query: Row) -> list[Trouble]:
    """What the filters leave: of stations, ports, kinds and times."""
    ids = {station for station, _ in search(asked, query, OWN)}
    port, kind = query.text("portNumber"), query.text("alarmType")
    start, end = moment(query, "startTime"), moment(query, "endTime")
    found = [
        one
        for one in asked.fault_config.alarms
        if one.station in ids
        and port in {"", one.port}
        and kind in {"", one.kind}
        and (start is None or one.at >= start)
        and (end is None or one.at <= end)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _alarm(asked: Asked, alarm: Trouble) -> list[Field]:
    """In 4.1 portNumber is a number, so that of a whole station isn't even blank."""
    port: list[Field] = [("portNumber", alarm.port)]
    known = facts(asked, alarm.station)
    return [
        ("stationID", alarm.station),
        ("stationName", known["stationName"]),
        ("stationModel", known["stationModel"]),
        *asked.org,
        ("stationManufacturer", known["stationManufacturer"]),
        ("stationSerialNum", known["stationSerialNum"]),
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
        for fault in asked.fault_config.faults
        if fault.station == station
    ]
    faults: list[Field] = [("stationFault", fault) for fault in standing]
    return [("stationID", station), ("stationFaults", faults)]


def get_users(asked: Asked) -> list[Field]:
    """Only the drivers who are connected to the organization are listed."""
    query = asked.part("searchQuery")
    found = [_user(driver) for driver in _known(asked.fault_config.users, query)]
    if not found:
        return head(160)
    rows = [
        [*row, *number] for row, number in zip(found, numbered([[]] * len(found)), strict=True)
    ]
    return [*head(100), ("users", asked.page(rows, query, "user", "numUsers"))]


def _known(users: Iterable[Driver], query: Row) -> list[Driver]:
    """All are connected, none is managed; since when and what they typed in is the same for all."""
    wanted = {
        "userID": "user_id",
        "credentialID": "credential_id",
    }
    connection, realm = query.rows("Connection"), query.rows("managementRealm")
    if any(row.text("Status") not in {"", "APPROVED"} for row in connection):
        return []
    if any(row.text("Status") not in {"", "NOT MANAGED"} for row in realm):
        return []
    since = moment(query, "lastModifiedTimeStamp")
    if since is not None and since > MODIFIED:
        return []
    return [
        driver
        for driver in users
        if all(query.text(name) in {"", getattr(driver, field)} for name, field in wanted.items())
        and query.text("firstName").casefold() in {"", driver.name}
        and query.text("lastName").casefold() in {"", "practice"}
        and all(_typed(driver, row) for part in connection for row in part.rows("customInfo"))
    ]


def _typed(driver: Driver, info: Row) -> bool:
    key, value = "Employee number", f"E{driver.user_id[-4:]}"
    return info.text("Key") in {"", key} and info.text("Value") in {"", value}


def _user(driver: Driver) -> list[Field]:
    """The employee number is what drivers type in when they connect."""
    info: list[Field] = [("Key", "Employee number"), ("Value", f"E{driver.user_id[-4:]}")]
    return [
        ("lastModifiedTimestamp", MODIFIED.strftime("%Y-%m-%dT%H:%M:%SZ")),
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
