"""A day on which port 1 is looked at: what is said of its stay."""

from __future__ import annotations

from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core.effects import (
    ChannelReminder,
    Effect,
    Nudge,
    Nudged,
    PleaseMove,
)
from chalicelib.core.model import Stay
from tests.core.day import ONE, PowerDay
from tests.fakes import CHANNEL


class LadderDay(PowerDay):
    """What is said of port 1's stay."""

    @property
    def stay(self) -> Stay:
        """Whoever is on port 1."""
        stay = self.site.ports[ONE].stay
        assert stay is not None
        return stay

    def nudges(self, driver: str) -> list[Nudge]:
        return [nudge.why for nudge in self.heard(driver, Nudged)]

    def words(self, effect: Effect | None) -> str:
        assert effect is not None
        return words(effect, self.site, SlackMarkup()).text

    def pleas(self) -> list[ChannelReminder]:
        return [post.plea for post in self.heard(CHANNEL, PleaseMove)]
