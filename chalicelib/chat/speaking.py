"""What passes between a platform and the handler: who speaks, how, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chalicelib.core.inputs import Wish
from chalicelib.values import dataclass, field

from .forms import Form
from .parsing import overhear, parse
from .text.wording import Words


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
