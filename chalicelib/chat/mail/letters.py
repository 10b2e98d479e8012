"""A mail with something attached, as SES takes it: a whole message (RFC 5322)."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import NamedTuple

from .markup import Letter


class Attached(NamedTuple):
    """A file that goes along; `kind/form` is its media type."""

    name: str
    body: bytes
    kind: str
    form: str


def message(sender: str, letter: Letter, attached: Attached, mailbox: str) -> bytes:
    """The mail to one mailbox, which is named nowhere else."""
    mail = EmailMessage()
    mail["From"] = f"EV Concierge <{sender}>"
    mail["To"] = mailbox
    mail["Subject"] = letter.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # nobody's absence answers it (RFC 3834)
    mail.set_content(letter.text)
    mail.add_attachment(
        attached.body, maintype=attached.kind, subtype=attached.form, filename=attached.name
    )
    return mail.as_bytes()
