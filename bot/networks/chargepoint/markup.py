"""XML as it arrives: first read as it should be, then as it was meant.

A service that puts a blank line before its declaration, tells its encoding in HTTP alone, or
lets a control character or a bare `&` through is still understood. What is cut off isn't: it
has no end, and nothing here makes one up.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^[^<]{0,100}<\?xml\b[^>]{0,200}\bencoding\s*=\s*["']([\w.:-]+)""")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_REFERENCE = re.compile(r"&(#[0-9]{1,7};|#x[0-9a-fA-F]{1,6};|\w{1,32};)?")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
UTF8 = "utf-8"
MOST_TAGS = 2_000_000  # each costs memory; 10,000 stations have about 1,500,000
LARGEST_ODD = 16 * 1024 * 1024  # bytes of a document that is read as it was meant


class Unreadable(ValueError):
    """That is no XML."""


class HasDocumentType(Unreadable):
    """XML with a DTD, which nothing honest needs."""


def read(content: bytes, charset: str = "") -> Any:
    """The root element. `charset` is what the transport said of it. Raises Unreadable."""
    if content.count(b"<") > MOST_TAGS:
        raise Unreadable
    try:
        return _parse(content, encoding=UTF8 if _name(charset) == UTF8 else None)
    except HasDocumentType:
        raise
    except Unreadable:
        if len(content) > LARGEST_ODD:
            raise
        return read_text(_decoded(content, charset))


def read_text(text: str) -> Any:
    """The root element of what is already text. Raises Unreadable."""
    return _parse(_meant(text).encode(), encoding=UTF8)


def is_unfit(text: str) -> bool:
    """Whether a text can't be in XML at all."""
    return _ILLEGAL.search(text) is not None


def _parse(content: bytes, encoding: str | None) -> Any:
    try:
        root = etree.fromstring(content, etree.XMLParser(**_OPTIONS, encoding=encoding))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable from error
    if root.getroottree().docinfo.doctype:
        raise HasDocumentType
    return root


def _decoded(content: bytes, charset: str) -> str:
    """By its mark, by what the transport said, by what it says itself; else UTF-8, or nearly."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    told = _ENCODING.match(content)
    for name in (charset, told[1].decode() if told else "", UTF8):
        try:
            return content.decode(_name(name) or UTF8)
        except UnicodeError:
            continue
    return content.decode("cp1252", errors="replace")


def _name(charset: str) -> str:
    """One name for each encoding; "" for none, and for those that aren't of text."""
    try:
        info = codecs.lookup(charset) if charset else None
    except LookupError:
        return ""
    is_text = info is not None and getattr(info, "_is_text_encoding", True)
    return info.name if info is not None and is_text else ""


def _meant(text: str) -> str:
    """Without what mustn't be there, and with every `&` a reference."""
    text = _ILLEGAL.sub("", text.lstrip("\ufeff \t\r\n"))
    text = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
    if "&" not in text:
        return text
    parts = _CDATA.split(text)
    parts[::2] = [_REFERENCE.sub(_reference, part) for part in parts[::2]]
    return "".join(parts)


def _reference(found: re.Match[str]) -> str:
    """A reference that XML knows, or the text that was meant."""
    name = found[1]
    if name is None:
        return "&amp;"
    if name in _OWN:
        return found[0]
    if name.startswith("#"):
        number = int(name[2:-1], 16) if name[1] == "x" else int(name[1:-1])
        legal = number < 0x110000 and not _ILLEGAL.match(chr(number))
        return found[0] if legal else ""
    return escape(html.entities.html5.get(name, f"&{name}"))
