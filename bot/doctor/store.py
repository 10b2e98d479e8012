"""The check-up of the store: is it there, what is in it, and by which policy do the sites go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bot.cli.policy import unusual
from chalicelib import wiring
from chalicelib.core.model import Site
from chalicelib.edges import NewerFormat, StoreUnavailable
from chalicelib.stores import missing_file

from .result import CheckResult, Patient, change, failed, ok, warning

HELP = "python -m bot site add --help"


def check_store(patient: Patient) -> Iterator[CheckResult]:
    """Reachable, readable, and with sites in it; they are put into `patient.sites`."""
    spec = patient.settings.store
    if path := missing_file(spec):
        yield check_place(spec, path.absolute().parent)
        return
    try:
        store = wiring.store_of(patient.settings)
        names = store.sites()
    except (StoreUnavailable, NewerFormat) as fault:
        yield unusable(spec, fault)
        return
    if not names:
        yield warning("store", f"{spec}: no site yet", HELP)
        return
    for name in names:
        try:
            site = store.load(name)
        except (StoreUnavailable, NewerFormat) as fault:
            yield unusable(name, fault)
        else:
            patient.sites.extend([site] if site is not None else [])
    if patient.sites:
        yield ok("store", f"{spec}: {', '.join(site.id for site in patient.sites)}")
    for site in patient.sites:
        yield from check_site(site)


def check_place(spec: str, folder: Path) -> CheckResult:
    """Whether `site add` could make the file; we don't."""
    if not folder.is_dir():
        return failed(
            "store", f"{spec}: there is no folder {folder}", "make it, or check EV_STORE"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        return failed("store", f"{spec}: no right to make a file in {folder}", "check EV_STORE, and the rights to it")  # fmt: skip
    return warning("store", f"{spec} isn't there yet, so no site yet", HELP)


def unusable(what: str, fault: Exception) -> CheckResult:
    if isinstance(fault, NewerFormat):
        return failed("store", f"{what}: {fault}", "run the newer version of this program")
    return failed("store", f"{what}: {fault}", "check EV_STORE, and the rights to it")


def check_site(site: Site) -> Iterator[CheckResult]:
    """By which policy it goes, and whether anybody can set it right."""
    yield ok(site.id, f"policy: {unusual(site.policy) or 'as shipped'}")
    if not site.admins:
        yield warning(site.id, "nobody is its admin", change(site, "admin", "…"))
