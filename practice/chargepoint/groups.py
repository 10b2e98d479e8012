"""Groups, organizations, rights and networks, as the ChargePoint stand-in tells of them."""

from __future__ import annotations

from .asked import Asked, Field, head, whole
from .schema import Malformed
from .search import LAT, LONG, facts, search

GEO: Field = ("Geo", [("Lat", LAT), ("Long", LONG)])


def get_station_groups(asked: Asked) -> list[Field]:
    """All groups of an organization, with their stations."""
    org = asked.wrapper.text("orgID")
    if not org:
        raise Malformed("orgID is missing")
    known = dict(asked.org)
    if org != known["orgID"]:
        return head(160)
    rows = [
        [
            ("sgID", group),
            ("orgID", known["orgID"]),
            ("sgName", name),
            ("organizationName", known["organizationName"]),
            *(("stationData", [("stationID", one), GEO]) for one in _members(asked, group)),
        ]
        for group, name in asked.carpark.groups.items()
    ]
    return [*head(100), *(("groupData", row) for row in rows)]


def get_orgs_and_station_groups(asked: Asked) -> list[Field]:
    """4.1 has its filters directly in the request. No group here has a parent."""
    query = asked.wrapper if asked.is_41 else asked.part("searchQuery")
    org = [one for one in asked.org if one[0] != "companyID"]
    groups = [
        [("sgID", group), ("sgName", name), ("parentGroupID", "0")]
        for group, name in asked.carpark.groups.items()
        if whole(query, "sgID", group) == group and query.text("sgName") in {"", name}
    ]
    if not groups or any(query.text(name) not in {"", value} for name, value in org):
        return head(160)
    return [*head(100), ("orgData", [*org, *(("sgData", group) for group in groups)])]


def get_station_group_details(asked: Asked) -> list[Field]:
    """The stations of a group, or the one that is asked for."""
    group = whole(asked.wrapper, "sgID", 0)
    if not group:
        raise Malformed("sgID is missing")
    wanted = asked.wrapper.text("stationID")
    ids = [one for one in _members(asked, group) if wanted in {"", one}]
    if not ids:
        return head(160)
    rows: list[Field] = [
        (
            "stationData",
            [
                ("stationID", one),
                ("stationName", facts(asked, one)["stationName"]),
                ("Address", "1 Practice Way, Sampleton, California,  90000, United States"),
            ],
        )
        for one in ids
    ]
    return [
        *head(100),
        ("groupName", asked.carpark.groups[group]),
        ("numStations", len(ids)),
        *rows,
    ]


def get_station_rights(asked: Asked) -> list[Field]:
    """A station appears once for each of its groups; everything here is managed by the account."""
    query = asked.part("searchQuery")
    found = [station for station, _ in search(asked, query)]
    rows = []
    for group, name in asked.carpark.groups.items():
        members = [one for one in _members(asked, group) if one in found]
        asked_for = query.text("sgID") in {"", str(group)} and query.text("sgName") in {"", name}
        if members and asked_for:
            head_of_row: list[Field] = [("sgID", group), ("sgName", name)]
            profile: Field = ("stationRightsProfile", "network_manager")
            each = [("stationData", _right(asked, one)) for one in members]
            rows.append([*head_of_row, profile, *each])
    if not rows:
        return head(102)
    return head(100) + asked.page(rows, query, "rightsData")


def get_cpn_instances(asked: Asked) -> list[Field]:
    """The only reply without a head."""
    del asked
    names = (("1", "NA", "North America"), ("5", "FD", "Federal"))
    return [
        ("CPN", [("cpnID", number), ("cpnName", name), ("cpnDescription", words)])
        for number, name, words in names
    ]


def _members(asked: Asked, group: int) -> list[str]:
    return [one for one, _ in asked.stations() if str(group) in asked.groups_of(one)]


def _right(asked: Asked, station: str) -> list[Field]:
    known = facts(asked, station)
    names = ("stationID", "stationName", "stationSerialNum", "stationMacAddr")
    company = ["companyID"] if asked.is_51 else []
    return [(name, known[name]) for name in (*names, *company)]
