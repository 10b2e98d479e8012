"""The handler: what every chat platform does with what somebody typed or pressed.

Finds the site that a channel means, reads the wish, has it done, and finds the words,
for faults too. A platform brings its own proof of who sent it, and its own envelope.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from chalicelib import telemetry
from chalicelib.core import Outcome
from chalicelib.core.answers import FormOf, Refused, Repeated
from chalicelib.core.boards import is_public
from chalicelib.core.inputs import (
    Asked,
    Input,
    Introduced,
    Invited,
    LeaveHome,
    OpenForm,
    OpenHome,
    Profile,
    ShowLine,
    Wish,
)
from chalicelib.edges import Busy, Clock, NewerFormat, StoreUnavailable, UnknownSite, Unsure
from chalicelib.values import replace

from . import forms
from .errands import ERRANDS, AskForMail, Errands, Reporter, TellPower
from .forms import Filled
from .parsing import parse, parse_button
from .speaking import Heard, Sent, Speaker, Spoken, read
from .text import forms as form_words, wording
from .text.format import Speech
from .text.plain import TerminalMarkup
from .text.wording import Markup, Words

log = logging.getLogger(__name__)

APOLOGIES: dict[type[Exception], str] = {  # the first that fits
    Unsure: wording.UNSURE,
    StoreUnavailable: wording.STORE_DOWN,
    Busy: wording.BUSY,
    NewerFormat: wording.NEWER,
    UnknownSite: wording.NO_SITE,
}
FAULTS = tuple(APOLOGIES)
MOST_SITES = 5  # of one workspace that a Home tab offers
REMEMBER_SITE = 60.0  # real seconds that "this channel means that site" is believed


class Handler(Protocol):
    """What the handler needs of the concierge."""

    @property
    def clock(self) -> Clock: ...

    def site_of(self, channel: str) -> str | None: ...

    def sites_in(self, tenant: str) -> list[str]: ...

    def handle(self, site_id: str, given: Input) -> Outcome: ...


class CommandHandler:
    """Answers people of one platform."""

    def __init__(
        self,
        concierge: Handler,
        markup: Markup,
        power: TellPower | None = None,
        reporter: Reporter | None = None,
        board_link: Callable[[str], str] | None = None,
        mail: AskForMail | None = None,
    ) -> None:
        self._concierge = concierge
        self._markup = markup
        self._errands = Errands(concierge, markup.platform, power, reporter, board_link, mail)
        self._known: dict[str, tuple[str, float]] = {}

    def on_command(self, speaker: Speaker, text: str) -> Spoken:
        """Somebody typed a command in a channel, or to us directly."""
        return self.on_wish(speaker, parse(text, speaker.tenant))

    def on_wish(self, speaker: Speaker, wish: Wish) -> Spoken:
        """Somebody wishes for something, however they said it."""
        try:
            return self._wished(speaker, wish, None, None)
        except FAULTS as fault:
            return self._apology(fault)

    def on_message(
        self, speaker: Speaker, text: str, heard: Heard, *, sent_again: bool = False
    ) -> Spoken | None:
        """Somebody typed a plain message; None: it isn't for us, and nobody was asked anything.

        Private answers go to them, public ones to the channel; both, where the speaker says
        so, into a thread. Where the platform sends again what we refuse (`sent_again`) it
        raises StoreUnavailable and Busy; elsewhere faults are said at once.
        """
        wish = read(text, speaker.tenant, heard)
        if wish is None:
            return None
        aside, aloud = speaker.aside or speaker.driver, speaker.aloud or speaker.channel
        try:
            return self._wished(speaker, wish, aside, aloud)
        except FAULTS as fault:
            if sent_again:
                raise
            return self._apology(fault)

    def on_invited(self, speaker: Speaker) -> Spoken | None:
        """We were invited to a channel. What we say there waits in the site's outbox; None. Where
        there is no site, there is no outbox: it is for the platform to say.

        Raises StoreUnavailable and Busy, for it is told again.
        """
        site_id = self._site(speaker.channel)
        if site_id is None:
            return self._nowhere(speaker)
        asked = Asked(speaker.driver, Invited(), request=speaker.request, reply_to=speaker.channel)
        try:
            self._concierge.handle(site_id, asked)
        except UnknownSite:  # removed meanwhile
            return self._nowhere(speaker)
        return None

    def on_profile(self, profile: Profile) -> None:
        """A platform tells of somebody, unasked: each site there that knows them takes it in.

        Raises StoreUnavailable and Busy, for it is told again.
        """
        for site_id in self._concierge.sites_in(profile.driver.rpartition(":")[0]):
            with suppress(UnknownSite):  # removed meanwhile
                self._concierge.handle(site_id, Introduced((profile,), unasked=True))

    def waiting(self, channel: str) -> int | None:
        """How many are in line at a channel's site; None: it has none. Raises StoreUnavailable."""
        site_id = self._site(channel)
        if site_id is None:
            return None
        try:
            return len(self._concierge.handle(site_id, Asked("", ShowLine())).site.queue)
        except (Busy, NewerFormat, UnknownSite):
            return None

    def on_button(self, speaker: Speaker, action: str, value: str, reply_to: str | None) -> Spoken:
        """Somebody pressed a button of ours; the answer goes to `reply_to`, or is handed back."""
        button = parse_button(action, value)
        if button is None:
            strange = wording.STRANGE_BUTTON.format(command=self._markup.command)
            return Spoken(Words(strange), passing=True)
        asked = self._asked(speaker, button.wish, reply_to, None, heard_in=speaker.driver)
        try:
            if isinstance(button.wish, OpenHome):
                return self._move_home(speaker, button.site, reply_to)
            return self._spoken(self._do(button.site, asked), asked)
        except FAULTS as fault:
            return self._apology(fault)

    def _move_home(self, speaker: Speaker, site_id: str, place: str | None) -> Spoken:
        """Another site in their Home tab."""
        if place is not None:
            self.on_home(speaker, site_id, place)
        return Spoken(Words(""), queued=True)

    def on_home(self, speaker: Speaker, shown: str, place: str) -> None:
        """Somebody looks at their Home tab: it is drawn at `place`, of the site that it has
        `shown`, or of another of theirs. Raises StoreUnavailable, Busy and NewerFormat.
        """
        sites = self._concierge.sites_in(speaker.tenant)
        if sites:
            with suppress(UnknownSite):  # removed meanwhile
                self._draw_home(speaker, sites, shown, place)

    def _draw_home(self, speaker: Speaker, sites: Sequence[str], shown: str, place: str) -> None:
        chosen = shown if shown in sites else self._home_site(sites, speaker.driver)
        others = tuple(one for one in sites if one != chosen)[:MOST_SITES]
        for site_id in others:
            self._concierge.handle(site_id, Asked(speaker.driver, LeaveHome()))
        asked = self._asked(speaker, OpenHome(others), place, None, heard_in="")
        self._do(chosen, asked)

    def _home_site(self, sites: Sequence[str], driver: str) -> str:
        """Where somebody is known, of several sites; else the first."""
        for site_id in sites[:MOST_SITES] if len(sites) > 1 else ():
            site = self._concierge.handle(site_id, Asked("", ShowLine())).site
            if driver in site.people or driver in site.admins:
                return site_id
        return sites[0]

    def on_form(self, speaker: Speaker, filled: Filled, reply_to: str | None = None) -> Sent:
        """Somebody filled in a form and sent it. What can't be, and why, is handed back in any
        case; another answer goes to `reply_to`, if there is one.
        """
        try:
            wish = forms.read(filled)
        except forms.NotRead as no:
            return Sent(errors={name: form_words.WRONG[why] for name, why in no.fields.items()})
        asked = self._asked(speaker, wish, reply_to, None, heard_in=speaker.driver)
        try:
            return self._sent(filled, replace(asked, filled=True))
        except FAULTS as fault:
            spoken = self._apology(fault)
            first = next(iter(filled.values), None)
            return Sent(errors={first: spoken.words.text}) if first else Sent(spoken)

    def _sent(self, filled: Filled, asked: Asked) -> Sent:
        outcome = self._do(filled.site, asked)
        answer = outcome.answer
        if isinstance(answer, Refused):
            name = forms.field_of(filled.name, answer)
            if name is not None and name in filled.values:
                plain = Speech(outcome.site, TerminalMarkup(), self._concierge.clock.now())
                return Sent(errors={name: form_words.refused(answer, plain)})
        return Sent(self._spoken(outcome, asked))

    def _wished(
        self, speaker: Speaker, wish: Wish, reply_to: str | None, public_to: str | None
    ) -> Spoken:
        site_id: str | None
        if speaker.site:
            site_id = speaker.site
        elif speaker.direct:
            sites = self._concierge.sites_in(speaker.tenant)
            if len(sites) > 1 and not isinstance(wish, OpenForm):
                return Spoken(Words(wording.WHICH_SITE))
            site_id = self._home_site(sites, speaker.driver) if sites else None
        else:
            site_id = self._site(speaker.channel)
        if site_id is None:
            return self._nowhere(speaker)
        try:
            asked = self._asked(speaker, wish, reply_to, public_to, heard_in=speaker.channel)
            return self._spoken(self._do(site_id, asked), asked)
        except UnknownSite:  # removed meanwhile
            self._known.pop(speaker.channel, None)
            return self._nowhere(speaker)

    def _nowhere(self, speaker: Speaker) -> Spoken:
        """Whoever sets us up learns the addresses here."""
        if speaker.direct:
            return Spoken(Words(wording.NO_SITE))
        channel, you = map(self._markup.escape, (speaker.channel, speaker.driver))
        return Spoken(
            Words(
                wording.NO_SITE_YET.format(channel=channel, you=you, command=self._markup.command)
            )
        )

    @staticmethod
    def _asked(
        speaker: Speaker, wish: Wish, reply_to: str | None, public_to: str | None, heard_in: str
    ) -> Asked:
        """`heard_in`: where a public answer is heard anyhow; the other channels are told."""
        return Asked(
            speaker.driver, wish, speaker.name, speaker.request, reply_to, public_to, heard_in,
            speaker.handle,
        )  # fmt: skip

    def _do(self, site_id: str, asked: Asked) -> Outcome:
        if isinstance(asked.wish, ERRANDS):
            asked = self._errands.run(site_id, asked)
        platform, kind = asked.driver.partition(":")[0], type(asked.wish).__name__
        telemetry.annotate(site=site_id, command=kind, platform=platform)
        outcome = self._concierge.handle(site_id, asked)
        telemetry.annotate(answer=type(outcome.answer).__name__)
        if isinstance(outcome.answer, Refused):
            telemetry.annotate(why=outcome.answer.why)
        return outcome

    def _spoken(self, outcome: Outcome, asked: Asked) -> Spoken:
        answer = outcome.answer
        if answer is None:
            raise AssertionError("silence is a failure")
        public = is_public(outcome.site, answer, asked.heard_in)
        with telemetry.span("wording"):
            now, reader = self._concierge.clock.now(), "" if public else asked.driver
            said = wording.words(answer, outcome.site, self._markup, now, reader)
        if isinstance(answer, FormOf):
            speech = Speech(outcome.site, self._markup, now, asked.driver)
            return Spoken(said, passing=True, form=form_words.form_of(answer, speech))
        passing = wording.is_passing_remark(answer)
        here = asked.filled and isinstance(answer, Refused | Repeated)
        queued = asked.reply_to is not None and not here
        return Spoken(said, public, queued, passing)

    def _site(self, channel: str) -> str | None:
        """The site that a channel means; asked of the store once a minute, not each time."""
        known = self._known.get(channel)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        with telemetry.span("site"):
            site_id = self._concierge.site_of(channel)
        if site_id is not None:
            self._known[channel] = (site_id, time.monotonic() + REMEMBER_SITE)
        return site_id

    def _apology(self, fault: Exception) -> Spoken:
        """An outside failure in words; nothing was changed, or it is said that we can't know."""
        telemetry.annotate(fault=type(fault).__name__)
        if isinstance(fault, NewerFormat):  # the store is logged where it was noticed, once
            log.error("%s", fault)
        text = next(words for kind, words in APOLOGIES.items() if isinstance(fault, kind))
        said = Words(text.format(command=self._markup.command))
        return Spoken(said, passing=not isinstance(fault, UnknownSite))
