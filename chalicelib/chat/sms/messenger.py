"""Text messages, going out: one form to Twilio for each."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from chalicelib.chat.rest import Answered, call, wait_of
from chalicelib.chat.text.wording import words
from chalicelib.core.effects import Effect
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Pending, Site
from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable

from .ledger import Ledger
from .markup import SmsMarkup, parts_of, written

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
API = "2010-04-01/Accounts"
OPTED_OUT = 21610  # Twilio docs: error codes
OURS = frozenset({20003, 20005, 21606, 21659, 21660})  # our account, or our number: not theirs
WORDS = {
    OPTED_OUT: "opted out of our texts",
    21211: "no such number",
    21614: "takes no texts",
    21408: "abroad, where we may not text",
    21612: "can't be reached from our number",
}


class SmsMessenger:
    """Says effects by text. An address is `sms:OUR-NUMBER:THEIR-NUMBER`.

    A text counts as arrived when Twilio has taken it. Twilio knows no key that makes sending
    idempotent, so that whoever tries again first asks whether it was sent.
    """

    def __init__(
        self, api_url: str, account: str, token: str, number: str, ledger: Ledger,
        report_to: str = "",
    ) -> None:  # fmt: skip
        self._messages = f"{api_url.rstrip('/')}/{API}/{account}/Messages.json"
        self._account = f"{api_url.rstrip('/')}/{API}/{account}"
        basic = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}"}
        self._number = number
        self._ledger = ledger
        self._report_to = report_to
        self._markup = SmsMarkup()

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:  # noqa: ARG002 — a text can't be changed
        """Text it. There is no ref: nobody can change what was texted."""
        if to in site.channels:
            return ""  # there is no channel: who wants to hear is told alone
        number = checked(to)
        text = written(words(effect, site, self._markup, to=to))
        pending = claimed(site, to, effect)
        since = pending.queued_at if pending is not None and pending.attempts > 1 else None
        if since is not None and self._was_sent(number, text, since):
            return ""
        self._spend(site, text)
        form = {"To": number, "From": self._number, "Body": text}
        if self._report_to:
            form["StatusCallback"] = self._report_to
        self._content(self._call("POST", self._messages, form))
        return ""

    def profile(self, driver: str) -> Profile:
        """Nobody: who a number is, only the site knows, by a code."""
        return Profile(driver, sort=Sort.NOBODY)

    def numbers(self) -> dict[str, object]:
        """What Twilio says of our number; {} when it isn't this account's. Raises as `send`."""
        query = urlencode({"PhoneNumber": self._number})
        url = f"{self._account}/IncomingPhoneNumbers.json?{query}"
        found = self._content(self._call("GET", url)).get("incoming_phone_numbers")
        return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}

    def account(self) -> dict[str, object]:
        """What Twilio says of our account. Raises as `send` does."""
        return self._content(self._call("GET", f"{self._account}.json"))

    def _spend(self, site: Site, text: str) -> None:
        try:
            may = self._ledger.may_spend(site.id, parts_of(text))
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the count of texts can't be reached") from fault
        if not may:
            raise MessageRefused("this site's texts of today are used up")

    def _was_sent(self, number: str, text: str, since: datetime) -> bool:
        """Whether this very text went out before."""
        query = {"To": number, "From": self._number, "PageSize": "50"}
        found = self._content(self._call("GET", f"{self._messages}?{urlencode(query)}"))
        listed = found.get("messages")
        for one in listed if isinstance(listed, list) else ():
            if not isinstance(one, dict) or one.get("body") != text:
                continue
            at = moment(one.get("date_created"))
            lost = one.get("status") in ("failed", "undelivered", "canceled")
            if at is not None and at >= since - timedelta(seconds=1) and not lost:
                return True
        return False

    def _call(self, method: str, url: str, form: dict[str, str] | None = None) -> Answered:
        if form is None:
            return call(method, url, self._headers)
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        return call(method, url, headers, urlencode(form).encode())

    @staticmethod
    def _content(answer: Answered) -> dict[str, object]:
        """The object that was answered. Raises MessengerUnavailable or MessageRefused."""
        if answer.status in (200, 201):
            return answer.json
        if answer.status == 429:
            raise MessengerUnavailable("ratelimited", wait_of(answer.headers))
        code = answer.json.get("code") if answer.status in (400, 401, 403, 404) else None
        if isinstance(code, int) and answer.status in (400, 403, 404) and code not in OURS:
            raise MessageRefused(WORDS.get(code, f"Twilio's error {code}"))
        why = f"Twilio answers HTTP {answer.status}" + (f", error {code}" if code else "")
        raise MessengerUnavailable(why, everywhere=True)


def claimed(site: Site, to: str, effect: Effect) -> Pending | None:
    """The pending effect that is being sent."""
    return next((one for one in site.outbox if one.to == to and one.effect == effect), None)


def moment(text: object) -> datetime | None:
    """`Mon, 16 Aug 2010 03:45:01 +0000`; None for anything else."""
    try:
        return parsedate_to_datetime(str(text))
    except ValueError:
        return None


def checked(to: str) -> str:
    """A number. Raises MessageRefused for anything else."""
    number = to.rpartition(":")[2]
    if not NUMBER.fullmatch(number):
        raise MessageRefused("no number")
    return number
