"""How a terminal writes: plain text, buttons in brackets. For tests, and for trying things out."""

from __future__ import annotations

from .wording import Words


class TerminalMarkup:
    """People and channels are `terminal:PLACE:NAME`."""

    platform = "terminal"
    command = "/ev"

    def escape(self, text: str) -> str:
        """Text that can't move the cursor or ring the bell."""
        return "".join(char if char.isprintable() else " " for char in text)

    def mention(self, driver: str, name: str) -> str:
        return "@" + self.escape(name or driver.rpartition(":")[2])

    def bold(self, text: str) -> str:
        return text


def plain(words: Words) -> str:
    """The text, and the buttons that belong to it."""
    return " ".join([words.text, *(f"[{button.label}]" for button in words.buttons)])
