"""A site's policy as the command line takes and shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from chalicelib.core.model import Policy
from chalicelib.core.policy import written


def settings(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each name and its value, as `--policy NAME=VALUE` takes them."""
    for one in fields(policy):
        yield one.name, written(getattr(policy, one.name))


def unusual(policy: Policy) -> str:
    """What isn't as shipped, and what it would be."""
    shipped = dict(settings(Policy()))
    return ", ".join(
        f"{name}={value} (shipped: {shipped[name]})"
        for name, value in settings(policy)
        if value != shipped[name]
    )
