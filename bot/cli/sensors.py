"""Sensors at the ports of a site: how the operator puts them there, and how they are found."""

from __future__ import annotations

from chalicelib.core.model import Sensor, Site
from chalicelib.meters.events import binding
from chalicelib.values import replace

from .errors import CommandError


def addresses(site: Site) -> list[str]:
    """All by which a site is found: its channels, and the sensors at its ports."""
    return [*site.channels, *(binding(sensor) for sensor in site.sensors)]


def with_sensors(site: Site, given: list[tuple[str, str]] | None) -> Site:
    """Those that were named, or as before; each at one port, and each port with one."""
    if given is None:
        return site
    by_label = {port.label: port.id for port in site.ports.values()}
    found: dict[str, Sensor] = {}
    for name, label in filter(None, given):
        if not site.stations.is_manual:
            raise CommandError(
                "its ports are seen by their network; sensors are for sites by hand (--manual)"
            )
        if label not in by_label:
            raise CommandError(f"there is no port {label}; there are {', '.join(by_label)}")
        if name in found or by_label[label] in [one.port for one in found.values()]:
            raise CommandError("a sensor is at one port, and a port has one sensor")
        same = site.sensors.get(name)
        is_same = same is not None and same.port == by_label[label]
        found[name] = same if same is not None and is_same else Sensor(by_label[label])
    return replace(site, sensors=found)
