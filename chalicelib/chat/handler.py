"""The handler: what every chat platform does with what somebody typed or pressed.

Finds the site that a channel means, reads the wish, has it done, and finds the words,
for faults too. A platform brings its own proof of who sent it, and its own envelope.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from enum import StrEnum
from typing import Protocol

from chalicelib import telemetry
from chalicelib.core import Outcome
from chalicelib.core.acts import Guest, LinkBoard, ShowTotals
from chalicelib.core.answers import FormOf, MailState, Refused, Repeated
from chalicelib.core.boards import is_public
from chalicelib.core.card import PersonTotal, ReportCard, Span
from chalicelib.core.inputs import (
    Admin,
    Asked,
    GetCode,
    Input,
    Introduced,
    Invited,
    LeaveHome,
    MailMe,
    OpenForm,
    OpenHome,
    Profile,
    ShowLine,
    ShowMail,
    ShowPower,
    ShowReport,
    Wish,
)
from chalicelib.edges import Busy, Clock, NewerFormat, StoreUnavailable, UnknownSite, Unsure
from chalicelib.energy.report import PowerReport
from chalicelib.values import dataclass

from . import forms
from .forms import Filled, Form
from .parsing import overhear, parse, parse_button
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
DRAWING = ("slack", "mattermost")  # platforms that show pictures and take files
MOST_SITES = 5  # of one workspace that a Home tab offers
REMEMBER_SITE = 60.0  # real seconds that "this channel means that site" is believed


class Handler(Protocol):
    """What the handler needs of the concierge."""

    @property
    def clock(self) -> Clock: ...

    def site_of(self, channel: str) -> str | None: ...

    def sites_in(self, tenant: str) -> list[str]: ...

    def handle(self, site_id: str, given: Input) -> Outcome: ...


class AskForMail(Protocol):
    """Hands a mailbox to who keeps addresses; the wish with a name in its place, or why not.
    Raises StoreUnavailable.
    """

    def __call__(self, mailbox: str, person: str) -> MailMe: ...


class TellPower(Protocol):
    """Asks the building's meter; None: the site has none."""

    def __call__(self, site_id: str, *, week: bool) -> PowerReport | None: ...


class Reporter(Protocol):
    """Reads the log of stays."""

    def card(self, site_id: str, span: Span) -> ReportCard | None:
        """None: there is no log. Raises StoreUnavailable, NewerFormat, UnknownSite."""

    def totals(self, site_id: str, span: Span) -> tuple[PersonTotal, ...]:
        """By person. Raises the same."""

    def link(self, site_id: str, span: Span, *, csv: bool) -> str:
        """To the table or a picture; "": nobody reaches us. Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, as the platform vouches for it, and where."""

    driver: str  # platform:tenant:id
    name: str  # what they chose to be shown as; "" where the platform doesn't say
    channel: str  # platform:tenant:id
    request: str  # names this request, for replay protection
    direct: bool = False  # the channel is between this person and us
    handle: str = ""  # what they are mentioned by
    aloud: str = ""  # where an answer to a message is heard by all, if not in the channel
    aside: str = ""  # … and by the speaker alone, if not in a direct message
    site: str = ""  # where the platform has found it already

    @property
    def tenant(self) -> str:
        """`platform:tenant`."""
        return self.channel.rpartition(":")[0]


class Heard(StrEnum):
    """How a plain message came to us."""

    ADDRESSED = "addressed"  # said to us: whatever it is, it is answered
    MENTIONED = "mentioned"  # we are named somewhere in it: only a command is for us
    OVERHEARD = "overheard"  # it begins with `ev`: only a command in its taught words is


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer: for all in the channel, or for the asker alone."""

    words: Words
    public: bool = False
    queued: bool = False  # waits in the outbox for the `reply_to` that was given
    passing: bool = False  # said beside the message that was clicked, whose buttons still hold
    form: Form | None = None  # to be opened; the words say what to type where it can't be


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a form: an answer, or what is wrong with which field; then it stays open."""

    spoken: Spoken | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


def read(text: str, tenant: str, heard: Heard) -> Wish | None:
    """What somebody wishes for; None: nothing of us."""
    if heard is Heard.ADDRESSED:
        return parse(text, tenant)
    return overhear(text, tenant, everything=heard is Heard.MENTIONED)


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
        self._power = power
        self._reporter = reporter
        self._board_link = board_link
        self._mail = mail
        self._known: dict[str, tuple[str, float]] = {}

    def on_command(self, speaker: Speaker, text: str) -> Spoken:
        """Somebody typed a command in a channel, or to us directly."""
        wish = parse(text, speaker.tenant)
        return self.on_wish(speaker, wish)

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
            speaker.driver, with_code(wish), speaker.name, speaker.request, reply_to, public_to, heard_in,
            speaker.handle,
        )  # fmt: skip

    def _do(self, site_id: str, asked: Asked) -> Outcome:
        if isinstance(asked.wish, ShowPower) and self._power is not None:
            told = self._power(site_id, week=asked.wish.week)
            asked = replace(asked, wish=replace(asked.wish, report=told))
        if self._reporter is not None:
            asked = replace(asked, wish=self._reported(self._reporter, site_id, asked.wish))
        if self._board_link is not None and asked.wish == Admin(LinkBoard()):
            asked = replace(asked, wish=Admin(LinkBoard(self._board_link(site_id))))
        if isinstance(asked.wish, MailMe) and self._mail is not None:
            asked = self._with_mail(self._mail, site_id, asked, asked.wish)
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
        with telemetry.span("wording"):
            now = self._concierge.clock.now()
            reader = "" if is_public(outcome.site, answer, asked.heard_in) else asked.driver
            said = wording.words(answer, outcome.site, self._markup, now, reader)
        if isinstance(answer, FormOf):
            speech = Speech(outcome.site, self._markup, now, asked.driver)
            return Spoken(said, passing=True, form=form_words.form_of(answer, speech))
        public = is_public(outcome.site, answer, asked.heard_in)
        passing = wording.is_passing_remark(answer)
        here = asked.filled and isinstance(answer, Refused | Repeated)
        queued = asked.reply_to is not None and not here
        return Spoken(said, public, queued, passing)

    def _reported(self, reporter: Reporter, site_id: str, wish: Wish) -> Wish:
        """A wish for a report, with what the log says."""
        match wish:
            case ShowReport(span, csv):
                draws = self._markup.platform in DRAWING
                link = "" if draws and not csv else reporter.link(site_id, span, csv=csv)
                return replace(wish, card=reporter.card(site_id, span), link=link, draws=draws)
            case Admin(ShowTotals(span) as act):
                return replace(wish, act=replace(act, people=reporter.totals(site_id, span)))
            case _:
                return wish

    def _with_mail(self, ask: AskForMail, site_id: str, asked: Asked, wish: MailMe) -> Asked:
        """The address goes to who keeps it, and no further; nobody is asked to confirm for
        somebody who may not even ask here.
        """
        may = self._concierge.handle(site_id, replace(asked, wish=ShowMail(), request="", reply_to=None, public_to=None))  # fmt: skip
        if not isinstance(may.answer, MailState):
            return replace(asked, wish=ShowMail())
        return replace(asked, wish=ask(wish.mailbox, may.answer.driver))

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


def with_code(wish: Wish) -> Wish:
    """Whoever wishes for a code gets one that nobody can guess; the core draws nothing."""
    match wish:
        case GetCode():
            return replace(wish, code=new_code())
        case Admin(Guest() as act):
            return replace(wish, act=replace(act, code=new_code()))
        case _:
            return wish


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
