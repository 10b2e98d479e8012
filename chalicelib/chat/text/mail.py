"""The words about mail, lost and found addresses, and alarms."""

from __future__ import annotations

from chalicelib.core import answers as say, effects
from chalicelib.core.answers import Refusal

from .format import Speech

Mail = say.MailState | say.MailEnded | say.AlarmsSet
NO_MAIL = "There is no mail here. Whoever runs me can set it up."
KINDS = {"sms": "phone", "mail": "mailbox"}


def answered(answer: Mail, s: Speech) -> str:
    match answer:
        case say.MailState():
            return state(answer, s)
        case say.MailEnded():
            return "No mail to you any more. What I have to tell you comes here."
        case say.AlarmsSet(_, on=True):
            return (
                "You hear when something breaks here, by mail if I have yours. "
                f"`{s.ev} alarms off` takes that back."
            )
        case say.AlarmsSet(_, admin=True):
            return "Admins hear of what breaks here all the same."
        case say.AlarmsSet():
            return "You don't hear any more of what breaks here."


def state(answer: say.MailState, s: Speech) -> str:
    if not answer.has:
        return f"You have no mail from me. `{s.ev} mail ana@work.example`, with your own address, asks for it."
    if answer.pending:
        done = "AWS is mailing you" if answer.asked else "AWS has mailed you"
        return (
            f"{done} a link to confirm your address; it holds three days, and may hide in the "
            "spam. Until you have followed it I tell you here."
        )
    if answer.all_of_it:
        return (
            f"Your address is confirmed: I tell you by mail. `{s.ev} notify chat` takes that back."
        )
    return (
        "Your address is confirmed: alarms and reports for you come by mail. "
        f"`{s.ev} notify mail`: the rest, too."
    )


def refused(no: say.Refused, s: Speech) -> str:
    match no.why:
        case Refusal.NO_MAIL:
            return NO_MAIL
        case Refusal.NO_MAILBOX:
            return f"That is no address that mail can go to. Like this: `{s.ev} mail ana@work.example`."
        case Refusal.MAIL_TAKEN:
            return (
                "That address is somebody else's here. Whoever has it can type `mail off` first."
            )
        case Refusal.MAIL_OFTEN:
            return "You have asked for several addresses today: try again tomorrow."
        case Refusal.MAIL_AWAY:
            return (
                "I can't reach the post just now, and nothing was changed. Try again in a minute."
            )
        case Refusal.MAIL_FULL:
            return "As many people have mail from me as AWS allows. Please tell an admin."
        case _:
            return (
                f"You have no mail from me yet: `{s.ev} mail ana@work.example`, with your address."
            )


def notice(message: effects.WayFound | effects.WayLost | effects.LetGo, s: Speech) -> str:
    match message:
        case effects.WayFound(chosen=True):
            return f"Your address is confirmed: from now on I tell you by mail. `{s.ev} notify chat` takes that back."
        case effects.WayFound():
            return (
                "Your address is confirmed: alarms and reports for you come by mail. "
                f"`{s.ev} notify mail`: the rest, too."
            )
        case effects.WayLost(_, "mail"):
            return (
                "Your mailbox takes no mail from me any more, so I tell you here. "
                f"`{s.ev} mail ana@work.example`, with your address, begins anew."
            )
        case effects.WayLost():
            return (
                "Your phone takes no texts from me any more, so I tell you here. If it said stop, "
                'text "start" from it, and you have them again.'
            )
        case effects.LetGo():
            return "Nothing more comes here from me."
