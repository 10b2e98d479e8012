"""The chargers' own power as series: what each look at a site saw of each port."""

from __future__ import annotations

import logging

from chalicelib.core.model import Port, Site
from chalicelib.edges import FaultLog, Series, StoreUnavailable
from chalicelib.energy.readings import Reading, whole_milliseconds

log = logging.getLogger(__name__)


def series_name(site: str, port: str) -> str:
    """No meter that sends can have such a name."""
    return f"port:{site}:{port}"


class PortReadings:
    """Keeps what the looks see. A store that is down costs readings, but no look."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._faults = FaultLog(log)

    def keep(self, site: Site) -> None:
        """After a look; a port that wasn't seen, or whose power nobody told, has no reading."""
        at = site.looked_at
        if at is None:
            return
        seen = {
            series_name(site.id, port.id): [
                Reading(whole_milliseconds(at), max(0.0, port.load_kw))
            ]
            for port in site.ports.values()
            if port.load_kw is not None and port.seen_at == at
        }
        try:
            self._series.keep_all(seen)
        except StoreUnavailable as fault:
            self._faults.failed(f"{site.id}: the chargers' readings", fault)
            return
        self._faults.worked(f"{site.id}: the chargers' readings")


def labelled(site: Site) -> list[Port]:
    """The ports in the order of their labels, numbers as numbers."""
    return sorted(site.ports.values(), key=lambda port: (len(port.label), port.label))
