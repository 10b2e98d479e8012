"""The words about numbers and codes."""

from __future__ import annotations

from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal

from . import mail
from .format import Speech

NO_TEXTS = "This site has no number for texts. Whoever runs me can set one up."
Joining = say.Coded | say.Joined | say.WrongCode | say.Notified | mail.Mail


def joining(answer: Joining, s: Speech) -> str:
    match answer:
        case say.MailState() | say.MailEnded() | say.AlarmsSet():
            return mail.answered(answer, s)
        case say.Coded(_, code, number, until, "", None):
            return (
                f"Text {s.escape(code)} to {s.escape(number)} by {s.at(until)}, from the phone that is yours. The "
                "code is good once."
            )
        case say.Coded(_, code, number, until, name, stays):
            for_whom = s.escape(name or "your visitor")
            how_long = f", who then takes part until {s.dated(stays)}" if stays is not None else ""
            return (
                f"For {for_whom}{how_long}: text {s.escape(code)} to {s.escape(number)} by {s.dated(until)}. The code "
                "is good once."
            )
        case say.Joined(driver, guest=False):
            return (
                f"Hello {s.one(driver)}, this phone is yours here now. `{s.ev} notify sms`: I tell "
                "you by text from now on. STOP ends all texts."
            )
        case say.Joined(driver):
            return (
                f"Welcome, {s.one(driver)}. `{s.ev} add` puts you in line, `{s.ev} status` shows "
                "the chargers. STOP ends all texts."
            )
        case say.WrongCode(_, 0):
            return "Too many wrong codes: I don't listen to codes from this phone for an hour."
        case say.WrongCode(_, left):
            tries = "one more try" if left == 1 else f"{left} more tries"
            return f"That code isn't good (any more). You have {tries}; `phone` in chat gives a new one."
        case say.Notified(_, "mail", pending=True):
            return (
                "As soon as you have confirmed your address (AWS has mailed you a link) I tell "
                "you by mail; until then here."
            )
        case say.Notified(_, "mail"):
            return f"From now on I tell you by mail. `{s.ev} notify chat` takes that back."
        case say.Notified(_, "sms"):
            return f"From now on I tell you by text. `{s.ev} notify chat` takes that back."
        case say.Notified():
            return "From now on I tell you in chat."


def refused(no: say.Refused, s: Speech) -> str:
    match no.why:
        case (
            Refusal.NO_MAIL | Refusal.NO_MAILBOX | Refusal.MAIL_TAKEN | Refusal.MAIL_OFTEN
            | Refusal.MAIL_FULL | Refusal.MAIL_AWAY | Refusal.NO_MAIL_YET
        ):  # fmt: skip
            return mail.refused(no, s)
        case Refusal.NO_MEMBER:
            return (
                "I don't know this phone. Type `phone` to me in the chat of your car park, and "
                "text me the code that you get."
            )
        case Refusal.NO_TEXTS:
            return NO_TEXTS
        case _:
            return (
                "I know no phone of yours: ask for a code first, with `phone`, and text it to me."
            )
