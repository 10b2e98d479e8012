"""getChargingSessionData of the ChargePoint stand-in: the book of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.networks.chargepoint.reply import Row
from practice.carpark import Session

from .asked import Asked, Field, head, moment, whole
from .search import facts, search

PAGE = 100  # sessions in a reply
OWN = ("sessionID", "userID", "fromTimeStamp", "toTimeStamp", "activeSessionsOnly")


def get_charging_session_data(asked: Asked) -> list[Field]:
    """Those that are over; one that runs, even asked for by its id, only by activeSessionsOnly."""
    query = asked.part("searchQuery")
    rows = [_row(asked, one) for one in _wanted(asked, query)]
    if not rows:
        return head(136)
    numbered = [_number(row, n) for n, row in enumerate(rows, 1)]
    name = "ChargingSessionsData" if asked.is_41 else "ChargingSessionData"
    return head(100) + asked.page(numbered, query, name, flag="MoreFlag", most=PAGE)


def _wanted(asked: Asked, query: Row) -> Iterable[Session]:
    """What the filters leave, oldest first. The times are of the start."""
    active = query.text("activeSessionsOnly") in {"true", "1"}
    here = {station for station, _ in search(asked, query, OWN)}
    start, end = moment(query, "fromTimeStamp"), moment(query, "toTimeStamp")
    number, user = whole(query, "sessionID", 0), query.text("userID")
    for one in asked.carpark.sessions():
        if (
            one.station in here
            and (one.until is None) is active
            and number in {0, one.id}
            and user in {"", _user(asked, one)}
            and (start is None or one.since >= start)
            and (end is None or one.since <= end)
        ):
            yield one


def _user(asked: Asked, session: Session) -> str:
    told = session.driver is not None and not asked.carpark.omit_users
    return session.driver.user_id if told and session.driver else ""


def _credential(asked: Asked, session: Session) -> str:
    told = session.driver is not None and not asked.carpark.omit_credentials
    return session.driver.credential_id if told and session.driver else ""


def _row(asked: Asked, one: Session) -> list[Field]:
    """In schema order; each version knows the driver by other fields."""
    known = facts(asked, one.station)
    row: list[Field] = [
        ("stationID", one.station),
        ("stationName", known["stationName"]),
        ("portNumber", one.number),
        ("Address", "1 Practice Way, Sampleton, California, 90000, United States"),
        *((name, known[name]) for name in ("City", "State", "Country", "postalCode")),
        ("sessionID", one.id),
        ("Energy", f"{one.energy_kwh:.6f}"),
        ("startTime", stamp(one.since)),
        *([] if one.until is None else [("endTime", stamp(one.until))]),
    ]
    if asked.is_41:
        told = one.driver if not asked.carpark.omit_users else None
        return [*row, *([("driverName", told.name.title())] if told else [])]
    if asked.is_51:
        stay = (one.until or asked.carpark.now) - one.since
        row += [
            ("totalChargingDuration", duration(one.charging)),
            ("totalSessionDuration", duration(stay)),
        ]
    return [*row, ("userID", _user(asked, one)), ("credentialID", _credential(asked, one))]


def _number(row: list[Field], number: int) -> list[Field]:
    """The recordNumber comes before the credential, or last."""
    place = next((n for n, (name, _) in enumerate(row) if name == "credentialID"), len(row))
    return [*row[:place], ("recordNumber", number), *row[place:]]


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(time: timedelta) -> str:
    """HH:MM:SS; the hours may exceed 24."""
    seconds = int(time.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
