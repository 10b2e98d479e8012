"""What a command may raise."""

from __future__ import annotations


class CommandError(Exception):
    """The command can't be carried out; the message says why. Nothing was changed."""
