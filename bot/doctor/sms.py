"""The check-up of text messages: the account, our number, its address, and what a day costs."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable
from chalicelib.settings import given, lacking
from chalicelib.wiring import sms

from .result import CheckResult, Patient, change, failed, ok, warning

SMS = "SMS"
REGISTER = "US numbers must be registered, else carriers drop what we send (docs/install-sms.md)"


def check_sms(patient: Patient) -> Iterator[CheckResult]:
    """What is set, what Twilio says, and which sites are texted to."""
    settings = patient.settings
    missing = lacking("sms", given(settings))
    yield from (failed(one.what, one, one.todo) for one in missing)
    if not missing:
        yield from check_account(patient)
    for site, number, _ in patient.channels("sms"):
        if number != settings.twilio_from:
            yield failed(site.id, f"its number is {number}, TWILIO_FROM {settings.twilio_from or 'not set'}", change(site, "channel", f"sms:{settings.twilio_from}:line"))  # fmt: skip
        elif not missing:
            yield from check_spending(patient, site.id)


def check_account(patient: Patient) -> Iterator[CheckResult]:
    """Whether Twilio knows us, and passes on to us what people text."""
    messenger = sms.messenger(patient.settings)
    try:
        account, number = messenger.account(), messenger.numbers()
    except (MessengerUnavailable, MessageRefused) as fault:
        yield failed(SMS, fault, "check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and the way out")
        return
    ours = patient.settings.twilio_from
    if account.get("type") == "Trial":
        yield warning(SMS, "a trial account texts only to numbers that it has verified", "upgrade it in Twilio's console")  # fmt: skip
    if not number:
        yield failed(SMS, f"{ours} isn't a number of this account", "set TWILIO_FROM to one that is")  # fmt: skip
        return
    want = f"{patient.settings.public_url.rstrip('/')}{sms.SMS}"
    if number.get("sms_url") != want or number.get("sms_method") != "POST":
        yield failed(SMS, f"{ours} doesn't call us", f"at the number, let a message that comes in call {want} by POST")  # fmt: skip
    else:
        yield ok(SMS, f"{ours} calls {want}")
    if ours.startswith("+1"):
        yield warning(SMS, f"{ours} may be a number of the US", REGISTER)


def check_spending(patient: Patient, site_id: str) -> Iterator[CheckResult]:
    most = patient.settings.twilio_daily
    try:
        spent = sms.ledger_of(patient.settings, patient.clock).spent(site_id)
    except StoreUnavailable as fault:
        yield warning(site_id, f"its texts can't be counted: {fault}")
        return
    if spent >= most:
        yield failed(site_id, f"its {most} texts of today are used up", "raise TWILIO_DAILY, or wait for tomorrow")  # fmt: skip
    else:
        yield ok(site_id, f"{spent} of {most} texts of today are used")
