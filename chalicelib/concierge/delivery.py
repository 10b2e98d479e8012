"""What a step wanted said: claimed, sent, and the receipt given to the site."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from chalicelib import telemetry
from chalicelib.core import Outcome, outbox, reporting, step
from chalicelib.core.effects import ForgetStays, KeepStay, MakeReport
from chalicelib.core.inputs import Claimed, Delivered, Input, Postponed, Reported, Undeliverable
from chalicelib.core.model import Lane, Pending, Site
from chalicelib.edges import (
    Clock,
    MessageRefused,
    Messenger,
    MessengerUnavailable,
    SiteStore,
    StayLog,
    StoreUnavailable,
)
from chalicelib.values import replace

from .absences import pause
from .steps import Steps

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=30)  # real time: outlasts a send's timeout by a wide margin
RECEIPTS = {
    Delivered: "sent",
    Reported: "sent",
    Postponed: "postponed",
    Undeliverable: "refused",
}
GIVE_UP = timedelta(hours=2)  # an address that fails for so long, alone, takes no messages
MOST_ANSWERS = 5  # attempts at the answer to a click: a response_url takes no more
SEVERAL = 3  # addresses of one tenant that fail in a row: it is the platform


class Deliveries(Steps):
    """Says what waits, and keeps what is for the log of stays."""

    def __init__(
        self,
        store: SiteStore,
        messengers: Mapping[str, Messenger],
        clock: Clock,
        woken: Callable[[str], None] | None = None,
        stays: StayLog | None = None,
    ) -> None:
        super().__init__(store, messengers, clock, woken)
        self.stays = stays

    def deliver(self, site_id: str, takes: outbox.Takes = outbox.anywhere) -> None:
        """Say what waits in the chat lane and keep what is for the log, until nothing is left
        or must wait; on the platforms that one takes.

        In order at each address; one that takes nothing doesn't hold up the others.
        """
        failed: Counter[str] = Counter()  # addresses in a row, by tenant
        with telemetry.operation("delivery", site=site_id):
            while (claimed := self._claim(site_id, Lane.CHAT, Lane.LOG, takes=takes)) is not None:
                tenant = claimed[1].tenant
                with telemetry.span("send", platform=claimed[1].platform):
                    receipt = self._send(*claimed)
                failed[tenant] = failed[tenant] + 1 if isinstance(receipt, Postponed) else 0
                if isinstance(receipt, Postponed) and failed[tenant] >= SEVERAL:
                    receipt = replace(receipt, everywhere=True)
                self._count(claimed[1], receipt)
                with telemetry.span("receipt"):
                    self.handle(site_id, receipt)

    def _count(self, pending: Pending, receipt: Input) -> None:
        """What became of a message, and how old it was: the alarm clock's own time."""
        waited = (self.clock.now() - pending.queued_at).total_seconds()
        telemetry.annotate(platform=pending.platform)
        telemetry.add(**{RECEIPTS[type(receipt)]: 1})
        telemetry.set_max(waited_s=round(waited, 1))

    def _claim(
        self, site_id: str, *lanes: Lane, takes: outbox.Takes = outbox.anywhere
    ) -> tuple[Site, Pending] | None:
        """Take a head of the first of these lanes that has one which is ours to take now."""
        while (claimed := self._try_to_claim(site_id, lanes, takes)) is not None:
            if claimed[1] is not None:
                return claimed[0], claimed[1]
        return None

    def _try_to_claim(
        self, site_id: str, lanes: tuple[Lane, ...], takes: outbox.Takes
    ) -> tuple[Site, Pending | None] | None:
        """The head that is ours now; no effect: it didn't matter any more, and was dropped."""
        chosen: Pending | None = None

        def take(site: Site, now: datetime) -> Outcome:
            nonlocal chosen
            heads = (outbox.ready(site, lane, now, takes) for lane in lanes)
            chosen = next((one for one in heads if one is not None), None)
            if chosen is None:
                return Outcome(site)
            return step(site, Claimed(chosen.id, now + CLAIM * max(self.clock.speed, 1)), now)

        with telemetry.span("claim"):
            _, outcome = self._change(site_id, take)
        if chosen is None:
            return None
        return outcome.site, outbox.find(outcome.site, chosen.id)

    def _send(self, site: Site, pending: Pending) -> Input:
        """Say one effect; the receipt for it."""
        platform = pending.platform
        if pending.lane is Lane.LOG:
            return self._note(site, pending)
        messenger = self.messengers.get(platform)
        if messenger is None:
            return self._refused(site, pending, "no such platform")
        if (until := self._absences.until(pending.tenant)) is not None:
            return Postponed(pending.id, until, everywhere=True)
        try:
            ref = messenger.send(pending.to, pending.effect, site, outbox.edits(site, pending))
        except MessengerUnavailable as fault:
            return self._unsent(site, pending, fault)
        except MessageRefused as refused:
            self._worked(platform, pending.tenant)
            return self._refused(site, pending, refused.reason, gone=refused.gone)
        self._worked(platform, pending.tenant)
        return Delivered(pending.id, ref)

    def _unsent(self, site: Site, pending: Pending, fault: MessengerUnavailable) -> Input:
        """It wasn't taken: later, then, by this address or by the whole platform; or never."""
        if fault.everywhere:
            if fault.retry_after is None:
                self._faults.failed(pending.platform, fault)
            return Postponed(
                pending.id, self._absences.note(pending.tenant, fault), everywhere=True
            )
        if self._gives_up(pending):
            return self._refused(site, pending, str(fault))
        log.info("%s: %s: not now: %s", site.id, whom(pending), fault)
        return Postponed(pending.id, self._again_at(pending, fault.retry_after))

    def _worked(self, platform: str, tenant: str) -> None:
        self._faults.worked(platform)
        self._absences.end(tenant)

    def _gives_up(self, pending: Pending) -> bool:
        if pending.is_to_a_click:
            return pending.attempts >= MOST_ANSWERS
        since = pending.alone_since
        return since is not None and self.clock.now() - since > GIVE_UP

    def _note(self, site: Site, pending: Pending) -> Input:
        """Make one entry of the log; a second attempt at it finds it made."""
        if self.stays is None:
            return Delivered(pending.id)
        try:
            with self._reaching(f"{site.id}: the log of stays"):
                match pending.effect:
                    case KeepStay(stay, keep):
                        self.stays.add(site.id, stay, keep)
                    case ForgetStays(driver):
                        self.stays.forget(site.id, driver)
                    case MakeReport(span):
                        now = self.clock.now()
                        found = self.stays.read(site.id, reporting.since(site, span, now), now)
                        return Reported(pending.id, reporting.report(site, found, span, now))
        except StoreUnavailable:
            return Postponed(pending.id, self._again_at(pending, None))
        return Delivered(pending.id)

    @staticmethod
    def _refused(
        site: Site, pending: Pending, reason: str, *, gone: bool = False
    ) -> Undeliverable:
        log.warning("%s: %s takes no messages: %s", site.id, whom(pending), reason)
        return Undeliverable(pending.id, reason, gone)

    def _again_at(self, pending: Pending, retry_after: timedelta | None) -> datetime:
        return self.clock.now() + (retry_after or pause(pending.attempts))


def whom(pending: Pending) -> str:
    """Who should have heard it, for the log: an address for answers to a click is a secret."""
    return f"{pending.platform}: who clicked" if pending.is_to_a_click else pending.to
