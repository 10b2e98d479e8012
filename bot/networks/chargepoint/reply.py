"""Reading replies: whatever arrives becomes rows, or a fault with clear words.

zeep builds the requests but doesn't read the replies. When it is lenient it takes a
reply that was cut off for a whole one, and a blank or misspelt decimal still stops it
(observed, zeep 4.3). Rows of text have neither trouble, and unknown elements, foreign
order and qualified children need no care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from chalicelib.edges import Fault, NetworkRefused, NetworkUnavailable, NoAccess

from .http import Answer

LONGEST = 500  # characters of a value; no real one comes near
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
# API guide, response codes as seen in the field: stations, sessions, alarms, loads.
NOTHING_FOUND = frozenset({"102", "136", "153", "160"})
NO_ACCESS = frozenset({"InvalidSecurity", "FailedAuthentication"})

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class PlanDenied(NetworkRefused):
    """The API plan or the station rights don't allow this call (code 101)."""


class Declined(NetworkUnavailable):
    """The call was understood and not done; it would be the same another time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One element of a reply. What is missing is blank; names are local names."""

    element: Any

    def text(self, name: str) -> str:
        """The text of a child, stripped and bounded; "" when it is empty or missing."""
        return (self.element.findtext(f"{{*}}{name}") or "").strip()[:LONGEST]

    @property
    def own_text(self) -> str:
        """The element's own text, stripped and bounded."""
        return (self.element.text or "").strip()[:LONGEST]

    def rows(self, name: str) -> list[Row]:
        """Every child of this name, in order."""
        return [Row(child) for child in self.element.iterfind(f"{{*}}{name}")]


@dataclass(frozen=True, slots=True)
class Reply(Row):
    """A whole reply; its size in bytes."""

    size: int

    def page(self, path: Sequence[str]) -> tuple[list[Row], bool]:
        """The rows at the end of `path`, and whether there are more on another page.

        The flag stands beside the rows, and is spelt in two ways (API guide, paging).
        """
        holders: list[Row] = [self]
        for name in path[:-1]:
            holders = [row for holder in holders for row in holder.rows(name)]
        rows = [row for holder in holders for row in holder.rows(path[-1])]
        flags = [holder.text(name) for holder in holders for name in ("moreFlag", "MoreFlag")]
        return rows, "1" in flags


def read(operation: str, answer: Answer) -> Reply:
    """The reply to `operation`: code 100, or "nothing found" without rows.

    Raises NetworkRefused (PlanDenied for code 101, NoAccess for a fault about the token)
    or NetworkUnavailable (Declined for any other code).
    """
    wrapper = _wrapper(operation, answer)
    if wrapper.tag == f"{ENVELOPE}Fault":
        raise _fault(operation, Row(wrapper))
    reply = Reply(wrapper, len(answer.content))
    code, words = reply.text("responseCode"), reply.text("responseText")
    if etree.QName(wrapper).localname != f"{operation}Response" or not code:
        raise NetworkUnavailable(f"{operation}: not a reply to what was asked")
    if code == "101":
        raise PlanDenied(
            f"{operation}: denied (code 101: {words}): ask for an API plan and station "
            "rights that allow it"
        )
    if code != "100" and code not in NOTHING_FOUND:
        raise Declined(f"{operation}: code {code}: {words}")
    return reply


def _wrapper(operation: str, answer: Answer) -> Any:
    """The one child of the SOAP body."""
    try:
        root = etree.fromstring(answer.content, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NetworkUnavailable(_nonsense(operation, answer, "no XML")) from error
    if root.getroottree().docinfo.doctype:
        raise NetworkUnavailable(_nonsense(operation, answer, "XML with a DTD, refused"))
    wrapper = root.find(f"{ENVELOPE}Body/*")
    if wrapper is None:
        raise NetworkUnavailable(_nonsense(operation, answer, "no SOAP envelope"))
    return wrapper


def _nonsense(operation: str, answer: Answer, what: str) -> str:
    return f"{operation}: HTTP {answer.status} with {what}"


def _fault(operation: str, fault: Row) -> Fault:
    """A fault's code has a prefix that nobody has documented: only its local name counts."""
    code, words = fault.text("faultcode").rpartition(":")[2], fault.text("faultstring")
    if code in NO_ACCESS:
        return NoAccess(
            f"{operation}: {code}: {words}: check the API key, the API password, the "
            "region of the address, and that the account has the API User role"
        )
    return NetworkUnavailable(f"{operation}: fault {code}: {words}")
