"""The WSDLs that we ship differ where the versions do (a public 4.1, 5.0 and 5.1 say so)."""

from __future__ import annotations

import pytest

from practice.chargepoint.schema import Kind, operations


def query(version: str, operation: str) -> set[str]:
    """What a request may name."""
    children = operations(version)[operation].children
    return set(children["searchQuery"][0].children if "searchQuery" in children else children)


def reply(version: str, operation: str) -> dict[str, tuple[Kind, bool]]:
    return operations(version)[f"{operation}Response"].children


def row(version: str, operation: str, name: str) -> set[str]:
    return set(reply(version, operation)[name][0].children)


def test_41_turns_no_pages_but_of_sessions() -> None:
    """Nothing of 4.1 has a number of rows to ask for, and only sessions have a first one."""
    for operation in operations("4.1"):
        if not operation.endswith("Response"):
            assert not query("4.1", operation) & {"numStations", "numTransactions", "numUsers"}
            assert ("startRecord" in query("4.1", operation)) is (
                operation == "getChargingSessionData"
            )
    assert "moreFlag" not in reply("4.1", "getStations")
    assert "recordNumber" not in row("4.1", "getStations", "stationData")
    assert "recordNumber" not in row("4.1", "getAlarms", "Alarms")


def test_41_knows_nothing_of_ports_and_users() -> None:
    """Loads are of stations; sessions name drivers by other fields, and their rows otherwise."""
    assert set(reply("4.1", "getLoad")["stationData"][0].children) == {
        *("stationID", "stationName", "Address"),
        *("shedState", "stationLoad", "allowedLoad", "percentShed"),
    }
    sessions = row("4.1", "getChargingSessionData", "ChargingSessionsData")
    assert {"rfidSerialNumber", "driverAccountNumber", "driverName"} <= sessions
    assert not sessions & {"userID", "credentialID"}
    assert "ChargingSessionData" in reply("5.0", "getChargingSessionData")


@pytest.mark.parametrize("version", ["4.1", "5.0"])
def test_what_came_with_51(version: str) -> None:
    """Names of 5.1 aren't in the older ones."""
    assert "getStationActiveFaults" not in operations(version)
    assert not query(version, "getChargingSessionData") & {
        *("userID", "stationIDs", "activeSessionsOnly"),
    }
    assert not query(version, "getStations") & {"companyID", "radioGroupID", "warrantyService"}
    assert not row(version, "getStations", "stationData") & {
        *("stationName", "networkStatus", "managedBy", "companyID"),
    }
    assert "sessionID" not in query(version, "getLoad")


def test_51_names_the_running_session() -> None:
    """`getLoad` tells the session of each port, and takes one to look for."""
    port = reply("5.1", "getLoad")["stationData"][0].children["Port"][0].children
    assert {"sessionID", "lastBatteryPercent"} <= set(port)
    assert "sessionID" in query("5.1", "getLoad")
