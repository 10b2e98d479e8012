"""What the environment says: the log, the settings, and the secrets that they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib import settings as reading, telemetry
from chalicelib.settings import BadSettings, Settings
from chalicelib.stores.aws.signature import signer

ELSEWHERE = ("ssm:", "secretsmanager:")  # where the secret of a setting may be kept
MAYBE = "?"  # at the end: it need not be there (no name of AWS's has one)


def begin_log(environ: Mapping[str, str]) -> None:
    """Write the log as EV_LOG says, before anything can go wrong."""
    telemetry.begin(reading.log_form(environ), environ.get("EV_STORE", "").partition(":")[2])


def see_inside(settings: Settings) -> None:
    """Keep secrets out of the log, and trace if EV_TRACE says so."""
    telemetry.hide(settings.secrets())
    if settings.trace:
        telemetry.begin_trace(settings.trace, settings.store.partition(":")[2], signer)


def settings_of(environ: Mapping[str, str], needed: Iterable[str] = ()) -> Settings:
    """The settings, their secrets fetched. Raises BadSettings and StoreUnavailable."""
    return reading.read(revealed(environ), needed)


def revealed(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with secrets in the place of what refers to them.

    One that may be missing (`ssm:NAME?`) and is, is a setting that was not given.
    Raises BadSettings and StoreUnavailable.
    """
    given = {name: environ.get(name, "").strip() for name in reading.KNOWN}
    kept = {name: text for name, text in given.items() if text.startswith(ELSEWHERE)}
    if not kept:
        return {**environ}
    from chalicelib.stores.aws import (
        secrets as vault,
    )  # boto3 is slow to import, and not always there

    found = vault.fetch(text.removesuffix(MAYBE) for text in kept.values())
    missing = [
        f"{name}: there is no {text}"
        for name, text in kept.items()
        if text not in found and not text.endswith(MAYBE)
    ]
    if missing:
        raise BadSettings(missing)
    secrets = {name: found.get(text.removesuffix(MAYBE), "") for name, text in kept.items()}
    return {**environ, **secrets}
