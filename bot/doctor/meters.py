"""The building's meters: whether they are heard, and Tibber, where there is a token."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.meters import age
from chalicelib import wiring
from chalicelib.edges import StoreUnavailable
from chalicelib.meters.watch import SILENT, MeterWatch
from chalicelib.stores import missing_file
from chalicelib.stores.series.kept import BESIDE

from .result import CheckResult, Patient, change, failed, ok, warning


def check_meters(patient: Patient) -> Iterator[CheckResult]:
    """Nothing, where there are none."""
    settings = patient.settings
    try:
        meters = wiring.meters_of(settings)
        names = meters.names()
        for site in patient.sites:
            if site.meter and site.meter not in names:
                yield failed(site.id, f"its meter {site.meter} isn't there", change(site, "meter", "…"))  # fmt: skip
        if not missing_file(f"{settings.store}{BESIDE}"):
            watch = MeterWatch(meters, wiring.series_of(settings), patient.clock)
            for name in names:
                yield heard(name, watch, patient)
        else:
            for name in names:
                yield warning(f"meter {name}", "was never heard", "see docs/meters.md")
    except StoreUnavailable as fault:
        yield failed("meters", str(fault), "on AWS, deploy: the readings have a table of their own")  # fmt: skip
    if settings.tibber_token:
        yield from check_tibber(patient)


def heard(name: str, watch: MeterWatch, patient: Patient) -> CheckResult:
    at = watch.heard_at(name)
    if at is None:
        return warning(f"meter {name}", "was never heard", "see docs/meters.md")
    since = patient.clock.now() - at
    if since > SILENT:
        return warning(f"meter {name}", f"has been silent for {age(since)}", "is it on, and does it have its key? `python -m bot meter key`")  # fmt: skip
    return ok(f"meter {name}", f"was heard {age(since)} ago")


def check_tibber(patient: Patient) -> Iterator[CheckResult]:
    """Asks for the home; the feed itself is the listener's alone to open."""
    from bot.meters.tibber import TibberLost, TibberRefused, tibber_of  # slow to import

    tibber = tibber_of(patient.settings)
    if tibber is None:
        return
    try:
        home = tibber.ask_home()
    except TibberRefused as refused:
        yield failed("tibber", str(refused), "see docs/meters.md")
    except TibberLost as lost:
        yield warning("tibber", str(lost), "try again in some minutes")
    else:
        yield ok("tibber", f"home {home.id} has a live feed")
