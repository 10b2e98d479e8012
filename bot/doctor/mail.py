"""The check-up of mail: the topic, who has confirmed, and whether SES may send pictures."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable
from chalicelib.wiring import mail

from .result import CheckResult, Patient, failed, ok, warning

MAIL = "mail"
MOST = 200  # filter policies of a topic (AWS docs: SNS quotas)


def check_mail(patient: Patient) -> Iterator[CheckResult]:
    """What SNS says of the topic, and which mailboxes of sites take nothing."""
    settings = patient.settings
    if not settings.mail_topic:
        named = [site.id for site in patient.sites if any(one.startswith("mail:") for one in (*site.admins, *site.alarm_to, *site.ways))]  # fmt: skip
        for site_id in named:
            yield failed(site_id, "somebody is mailed to, and EV_MAIL_TOPIC is not set", "docs/install-mail.md")  # fmt: skip
        return
    topic = mail.topic_of(settings)
    try:
        found = topic.attributes()
        names = len(mail.subscribers_of(settings, topic).names())
    except (MessengerUnavailable, MessageRefused, StoreUnavailable) as fault:
        yield failed(MAIL, fault, "check EV_MAIL_TOPIC, and that we may: sns:Publish, sns:Subscribe, sns:GetSubscriptionAttributes, sns:GetTopicAttributes")  # fmt: skip
        return
    confirmed, pending = found.get("SubscriptionsConfirmed", "?"), found.get("SubscriptionsPending", "?")  # fmt: skip
    yield ok(MAIL, f"{confirmed} have confirmed, {pending} not yet")
    if names >= MOST * 9 // 10:
        yield warning(MAIL, f"{names} names, of the {MOST} that AWS filters for by default", "ask AWS for more filter policies a topic")  # fmt: skip
    if not settings.mail_from:
        yield ok(MAIL, "EV_MAIL_FROM is not set: mail has no pictures")
