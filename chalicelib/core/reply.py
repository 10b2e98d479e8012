"""How a wish is answered: worked out only after the due rules have run, because "you're
first in line" may have become "it's your turn".
"""

from __future__ import annotations

from collections.abc import Callable

from .answers import Answer, Refusal, Refused

Reply = Callable[[], Answer]


def refuse(driver: str, why: Refusal, port: str | None = None, other: str | None = None) -> Reply:
    """Nothing was changed; why."""
    return lambda: Refused(driver, why, port, other=other)
