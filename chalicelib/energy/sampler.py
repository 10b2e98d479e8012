"""Chance without chance: the same draws each time, so that what uses them stays pure.

`splitmix64`, a public-domain mixer of 64-bit numbers: each position of a table gives a draw
that looks random beside its neighbours and is the same in every process.
"""

from __future__ import annotations

from functools import lru_cache

SEED = 35_004
_MASK = (1 << 64) - 1


def mix(number: int) -> int:
    """The number's place in a shuffled deck of all 64-bit numbers."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


@lru_cache(maxsize=8)
def draws(rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
    """A table of draws, each at least 0 and below 1; a column is spread evenly over its rows.

    Evenly: each column is a shuffled ladder of its rows, so that a hundred futures hold five
    bad ones in a hundred, not by luck eight or two.
    """
    ladders = []
    for column in range(columns):
        order = sorted(range(rows), key=lambda row: mix(SEED * 1_000_003 + column * 10_007 + row))
        ladders.append([(step + 0.5) / rows for step in order])
    return tuple(zip(*ladders, strict=True)) if ladders else tuple(() for _ in range(rows))
