"""Power: what the building allows, told once for each change (rule 21)."""

from __future__ import annotations

from .draft import Draft
from .effects import PowerLimited
from .model import Port

Caps = tuple[tuple[str, float], ...]  # (port id, share of the rated power), capped ports only


def notice(d: Draft) -> None:
    """After a look: a cap that has held for two looks, or has gone for two, is told."""
    caps = tuple(
        (port.id, share_of(port, d.policy.rated_kw)) for port in d.ports.values() if port.capped
    )
    if caps == d.caps and caps != d.caps_told and d.speaks:
        d.caps_told = caps
        d.announce(PowerLimited(caps, everywhere=len(caps) == len(d.ports)))
    d.caps = caps


def share_of(port: Port, rated_kw: float) -> float:
    """How much of its power a port may give now, 0 to 1, in twentieths."""
    if not port.capped:
        return 1.0
    share = 1 - port.percent / 100 if port.percent else (port.allowed_kw or 0) / rated_kw
    return round(max(0.0, min(1.0, share)) * 20) / 20
