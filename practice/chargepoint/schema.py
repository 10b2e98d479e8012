"""What a request may hold, read from the WSDL of its version: a service refuses what it doesn't know.

Names and types are checked, not the order: whether the real service minds it isn't known, and
some clients leave blank elements that they have no use for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml import etree

from bot.networks.chargepoint.soap import SHIPPED

XSD = "{http://www.w3.org/2001/XMLSchema}"
BOOLEANS = frozenset({"true", "false", "1", "0"})


class Malformed(Exception):
    """The request doesn't fit the schema."""


@dataclass(slots=True)
class Kind:
    """A type: its children by name and whether there may be many, or how its text is read."""

    children: dict[str, tuple[Kind, bool]] = field(default_factory=dict)
    read: Callable[[str], object] | None = None


def _boolean(text: str) -> bool:
    if text not in BOOLEANS:
        raise ValueError
    return text in {"true", "1"}


READERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "int": int,
    "long": int,
    "double": float,
    "float": float,
    "decimal": float,
    "boolean": _boolean,
    "dateTime": datetime.fromisoformat,
    "date": datetime.fromisoformat,
    "time": str,
}


def check(version: str, operation: str, wrapper: Any) -> None:
    """Raises Malformed for what the operation's schema doesn't know."""
    _check(wrapper, operations(version)[operation])


@functools.cache
def operations(version: str) -> dict[str, Kind]:
    """What may be in each wrapper."""
    schema = etree.parse(SHIPPED / f"cp_api_{version}.wsdl").find(f".//{XSD}schema")
    types = {one.get("name"): one for one in schema if one.get("name")}
    return {one.get("name"): _kind(one, types) for one in schema.iterchildren(f"{XSD}element")}


def _kind(declaration: Any, types: dict[str, Any]) -> Kind:
    """Of an element or a type."""
    name = declaration.get("type") or ""
    if name.startswith("xsd:"):
        return Kind(read=READERS[name.removeprefix("xsd:")])
    if name:
        return _kind(types[name.removeprefix("css:")], types)
    restriction = declaration.find(f"{XSD}restriction")
    if restriction is not None:
        return Kind(read=READERS[restriction.get("base").removeprefix("xsd:")])
    found = {}
    for child in declaration.iterfind(".//*"):
        owner = child.getparent()
        inside = declaration if declaration.tag == f"{XSD}complexType" else declaration[0]
        if child.tag == f"{XSD}element" and owner.getparent() is inside:
            many = child.get("maxOccurs", "1") != "1"
            found[child.get("name")] = (_kind(child, types), many)
    return Kind(found)


def _check(element: Any, kind: Kind) -> None:
    seen = set()
    for child in element:
        name = etree.QName(child).localname
        known = kind.children.get(name)
        if known is None:
            if "".join(child.itertext()).strip():
                raise Malformed(f"there is no {name} in {etree.QName(element).localname}")
            continue
        if name in seen and not known[1]:
            raise Malformed(f"there is one {name} in {etree.QName(element).localname}")
        seen.add(name)
        _check(child, known[0])
        _read(child, name, known[0])


def _read(element: Any, name: str, kind: Kind) -> None:
    text = (element.text or "").strip()
    if kind.read is None or not text:
        return
    try:
        kind.read(text)
    except ValueError as error:
        raise Malformed(f"{name} can't be {text[:40]!r}") from error
