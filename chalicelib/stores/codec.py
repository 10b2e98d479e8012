"""A site as bytes: one byte for the format, then MessagePack, zipped where bytes are paid for.

The model's own classes are the schema. A field that an older writer did not have
takes its default, so a new field needs nothing here. FORMAT goes up when an older
program must not touch what a newer one wrote, and decode() then learns to read both.
What has its default isn't written: most fields of most entries, ports and stays have it, and
an item is paid for by the kilobyte. So a setting of the house that nobody has touched follows
the default of the program that reads it.
Format 3 is zipped, 4 is the same as it is: on a disk of one's own there is room enough.
Items of formats 1 and 2 are read by way of `old_formats`.

The one thing that the model's classes can't say by themselves is which effect a
pending effect is: it is written as [class name, fields].
"""

from __future__ import annotations

import threading
import zlib
from types import GenericAlias
from typing import Any, Required, TypedDict, get_args, get_type_hints

import msgspec
from msgspec.structs import fields

from chalicelib.core.effects import Effect
from chalicelib.core.model import Pending, Site
from chalicelib.core.stays import FinishedStay
from chalicelib.edges import NewerFormat, UnreadableSite
from chalicelib.values import replace

from .old_formats import upgraded

ZIPPED, PLAIN = 3, 4
FORMAT = PLAIN  # the newest that we know
LARGEST = 50_000_000  # bytes of a site unfolded; real ones have thousands
ZLIB_LEVEL = 1  # a third of the default's time for two bytes in a hundred

REMEMBERED = 1000  # sites of some sixty kilobytes: who writes one mostly reads it next

_EFFECTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Effect)}
_known: dict[str, tuple[bytes, Site]] = {}  # by id, and of which bytes
_remembering = threading.Lock()
_encoder = msgspec.msgpack.Encoder()
_any_decoder = msgspec.msgpack.Decoder()
_UNREADABLE = (  # what the inflater, the decoder and `upgraded` say of what is no site
    *(zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError),
    *(TypeError, KeyError, AttributeError, ValueError, OverflowError),
)
_stay_decoder = msgspec.msgpack.Decoder(FinishedStay)


def _fields(kind: type[Any], **other: Any) -> Any:
    """The fields of a class, as a type to decode; some of `other` types than the class's."""
    hints = get_type_hints(kind) | other
    bare = {field.name for field in fields(kind) if field.required}
    shape = {name: Required[hint] if name in bare else hint for name, hint in hints.items()}
    return TypedDict(kind.__name__, shape, total=False)  # type: ignore[operator]  # not literal


_OUTBOX = GenericAlias(tuple, (_fields(Pending, effect=tuple[str, msgspec.Raw]), ...))
_SITE = _fields(Site, outbox=_OUTBOX)
_site_decoder = msgspec.msgpack.Decoder(_SITE)  # made before there are threads: `shapes`
_effect_decoders = {name: msgspec.msgpack.Decoder(kind) for name, kind in _EFFECTS.items()}


def encode(site: Site) -> bytes:
    """The site, small: a third of the bytes, and as much time as all the rest of a save."""
    return remember(bytes([ZIPPED]) + zlib.compress(_packed(site), ZLIB_LEVEL), site)


def encode_plain(site: Site) -> bytes:
    """The site, quickly."""
    return remember(bytes([PLAIN]) + _packed(site), site)


def decode(body: bytes, site_id: str = "") -> Site:
    """The site that was encoded; who names it has the one that was last encoded or read, if
    these are its bytes. Raises NewerFormat or UnreadableSite.
    """
    known = _known.get(site_id)
    if known is not None and known[0] == body:
        return known[1]  # a site is never changed, so it may be handed out again
    if not isinstance(body, bytes):  # whoever wrote that, it wasn't us
        raise UnreadableSite("the saved site is no bytes")
    if not body:
        raise UnreadableSite("the saved site is empty")
    site = decoded(body)
    remember(body, site)
    return site


def remember(body: bytes, site: Site) -> bytes:
    """Know the site for a while, and by its bytes."""
    with _remembering:
        _known.pop(site.id, None)
        _known[site.id] = (body, site)
        while len(_known) > REMEMBERED:
            del _known[next(iter(_known))]
    return body


def decoded(body: bytes) -> Site:
    """The site, read from its bytes."""
    if body[0] > FORMAT:
        raise NewerFormat(
            f"the site was saved in format {body[0]} and this program knows {FORMAT}: update it"
        )
    if body[0] < 1:
        raise UnreadableSite(f"the saved site begins with {body[0]}, which is no format")
    try:
        inside = body[1:] if body[0] == PLAIN else _unfolded(body[1:])
        if body[0] < ZIPPED:
            inside = _encoder.encode(upgraded(_any_decoder.decode(inside), body[0]))
        site = _site_decoder.decode(inside)
        site["outbox"] = tuple(_without_name(pending) for pending in site.get("outbox", ()))
    except _UNREADABLE as error:
        raise UnreadableSite(f"the saved site can't be read: {error}") from error
    return Site(**site)


def encode_stay(stay: FinishedStay) -> bytes:
    """A stay as the log keeps it, but for whose it was, which lies beside it."""
    return _encoder.encode(replace(stay, driver=""))


def decode_stay(body: bytes, driver: str) -> FinishedStay:
    """The stay that encode_stay() was given. Raises Unreadable."""
    try:
        return replace(_stay_decoder.decode(body), driver=driver)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableSite(f"a saved stay can't be read: {error}") from error


def _unfolded(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    inside = inflater.decompress(body, LARGEST)
    if not inflater.eof:
        raise UnreadableSite("the saved site was cut off, or is far too large")
    return inside


def _packed(site: Site) -> bytes:
    if site.outbox:
        site = replace(site, outbox=tuple(_with_name(pending) for pending in site.outbox))
    return _encoder.encode(site)


def _with_name(pending: Pending) -> Pending:
    named: Any = (type(pending.effect).__name__, pending.effect)
    return replace(pending, effect=named)


def _without_name(pending: dict[str, Any]) -> Pending:
    name, values = pending["effect"]
    decoder = _effect_decoders.get(name)
    if decoder is None:
        raise NewerFormat(
            f"the site was saved with an effect that this program lacks: {name[:40]!r}"
        )
    return Pending(**pending | {"effect": decoder.decode(values)})
