"""Reading replies: whatever arrives becomes rows, or a fault with clear words.

zeep builds the requests but doesn't read the replies. When it is lenient it takes a
reply that was cut off for a whole one, and a blank or misspelt decimal still stops it
(observed, zeep 4.3). Rows of text have neither trouble, and unknown elements, foreign
order and qualified children need no care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lxml import etree

from chalicelib.edges import Fault, NetworkRefused, NetworkUnavailable, NoAccess

from . import markup
from .http import Answer

LONGEST = 500  # characters of a value; no real one comes near
# API guide, response codes as seen in the field: stations, sessions, alarms, loads.
NOTHING_FOUND = frozenset({"102", "136", "153", "160"})
NO_ACCESS = frozenset(  # the first two are seen, the others are WS-Security's own
    {"InvalidSecurity", "FailedAuthentication", "UnsupportedSecurityToken", "UnsupportedAlgorithm"}
    | {"InvalidSecurityToken", "FailedCheck", "SecurityTokenUnavailable"}
)
ABOUT_ACCESS = re.compile(
    r"usernametoken|authenticat|unauthori[sz]ed|not authori[sz]ed|\bcredential|\bpassword|"
    r"licen[cs]e key|security (header|token)",
    re.IGNORECASE,
)
YES = frozenset({"1", "true"})
UNAUTHORIZED, KEPT_OUT = 401, frozenset({403, 429})
CHECK = (
    "check the API key, the API password, the region of the address, and that the account has "
    "the API User role"
)


class PlanDenied(NetworkRefused):
    """The API plan or the station rights don't allow this call (code 101)."""


class SlowDown(NetworkUnavailable):
    """The charging network wants to be asked less. `wait` is what it says, if it says."""

    def __init__(self, message: str = "", wait: timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Faulted(NetworkUnavailable):
    """The service says itself that it can't, now."""


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

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of all elements at the end of a path of names, such as `Port/portNumber`."""
        rows = [self]
        for name in path.split("/"):
            rows = [one for row in rows for one in row.rows(name)]
        return tuple(row.own_text for row in rows)


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
        flags = (holder.text(name) for holder in holders for name in ("moreFlag", "MoreFlag"))
        return rows, any(flag.casefold() in YES for flag in flags)


def read(operation: str, answer: Answer) -> Reply:
    """The reply to `operation`: code 100, or "nothing found" without rows.

    Raises NetworkRefused (PlanDenied for code 101, NoAccess for a fault about the token) or
    NetworkUnavailable (Declined for any other code, SlowDown where we ask too much).
    """
    wrapper = _wrapper(operation, answer)
    if etree.QName(wrapper).localname == "Fault":
        raise _fault(operation, Row(wrapper), answer)
    if answer.status in KEPT_OUT:
        raise _kept_out(operation, answer)
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
    """The one child of the SOAP body, of whatever version of SOAP."""
    try:
        root = markup.read(answer.content, answer.charset)
    except markup.HasDocumentType as error:
        raise _nonsense(operation, answer, "XML with a DTD, refused") from error
    except markup.Unreadable as error:
        raise _nonsense(operation, answer, "no XML") from error
    is_envelope = etree.QName(root).localname == "Envelope"
    wrapper = root.find("{*}Body/*") if is_envelope else None
    if wrapper is None:
        raise _nonsense(operation, answer, "no SOAP envelope")
    return wrapper


def _nonsense(operation: str, answer: Answer, what: str) -> Fault:
    """What isn't SOAP comes from something before the service, which has a reason to be there."""
    told = f"{operation}: HTTP {answer.status}"
    if answer.status == UNAUTHORIZED:
        return NoAccess(f"{told}: {CHECK}")
    if answer.status in KEPT_OUT or answer.retry_after is not None:
        return _kept_out(operation, answer)
    return NetworkUnavailable(f"{told} with {what}")


def _kept_out(operation: str, answer: Answer) -> SlowDown:
    words = "it wants to be asked less, or keeps us out"
    return SlowDown(f"{operation}: HTTP {answer.status}: {words}", answer.retry_after)


def _fault(operation: str, fault: Row, answer: Answer) -> Fault:
    """A fault's code has a prefix that nobody has documented: only its local name counts.

    SOAP 1.1 has faultcode and faultstring; 1.2 has Code, with Subcodes in it, and Reason. What
    the words say of a login counts whatever the code is.
    """
    codes = [text.rpartition(":")[2] for text in _codes(fault) if text]
    words = fault.text("faultstring") or " ".join(fault.texts("Reason/Text"))
    told = f"{operation}: {' '.join(codes)}: {words}"
    if NO_ACCESS.intersection(codes) or ABOUT_ACCESS.search(words):
        return NoAccess(f"{told}: {CHECK}")
    if answer.status in KEPT_OUT:
        return _kept_out(operation, answer)
    return Faulted(f"{operation}: fault {' '.join(codes)}: {words}")


def _codes(fault: Row) -> Iterator[str]:
    yield fault.text("faultcode")
    for depth in range(3):
        yield from fault.texts("/".join(["Code", *["Subcode"] * depth, "Value"]))
