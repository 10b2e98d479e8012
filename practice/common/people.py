"""The practice people and the car park they share. All of them are made up.

The ids have the forms of real ones: Slack's user ids, ChargePoint's seven-digit userID,
and its several kinds of credentialID (phone, card, car).
"""

from __future__ import annotations

from dataclasses import dataclass

WORKSPACE = "T0HQ"
CHANNEL = "C0EV"
GROUP = 1234  # the sgID of the car park's station group

_NAMES = """
ana bob cleo dave eli fay gus hana ivo jade kai lena milo nora otis pia quin rosa sam tess
uma vic wren xena yuri zoe abel bea cal dina edda finn gina hugo iris joel kira leo mia ned
""".split()  # noqa: SIM905 — as a list it would be forty lines


@dataclass(frozen=True, slots=True)
class Driver:
    """One of the practice people, as Slack and as ChargePoint know them."""

    name: str
    slack_id: str
    user_id: str
    credential_id: str


def _driver(place: int, name: str) -> Driver:
    cards = (
        f"CNCP{9_100_000_000 + 37 * place}",
        f"CPFL{70_500 + place}",
        f"HNA{place:02}P1R2A3C4",
    )
    return Driver(name, f"U0{name.upper()}", str(7_100_001 + 37 * place), cards[place % 3])


DRIVERS = tuple(_driver(place, name) for place, name in enumerate(_NAMES))
BY_NAME = {driver.name: driver for driver in DRIVERS}
ADMIN = BY_NAME["dave"]


def make_ports(count: int = 4) -> tuple[tuple[str, str], ...]:
    """`count` ports as (station, port number), two to a station."""
    return tuple((f"1:{900_001 + n // 2}", str(n % 2 + 1)) for n in range(count))
