"""Small talk."""

from __future__ import annotations

from chalicelib.chat.grammar import Command, nothing, said
from chalicelib.core.answers import Courtesy
from chalicelib.core.inputs import SmallTalk, Wish

COMMANDS: tuple[Command[Wish], ...] = (
    Command(
        ("thanks", "thank you", "thx"), nothing(SmallTalk(Courtesy.THANKS)),
        also=said(
            "ty, tysm, cheers, thanks a lot, thanks so much, thank you so much, thank you "
            "very much, many thanks, much appreciated, good bot, great, awesome, perfect, "
            "nice, cool, got it, merci, danke, gracias, thank u, well done, good job, nice work, "
            "youre the best, you are the best, youre great, love you, love it"
        ),
        fillers=said("you, a lot, so much, very much, again, concierge, bot"),
    ),
    Command(
        ("hi", "hello", "hey"), nothing(SmallTalk(Courtesy.HELLO)),
        also=said(
            "yo, hiya, howdy, good morning, morning, good afternoon, good evening, hallo, "
            "hola, greetings, hey there, hi there, hello there, how are you, hows it going, "
            "whats up, are you there, anybody there"
        ),
        fillers=said("there, all, everyone, concierge, bot, again"),
    ),
    Command(
        ("bye", "goodbye"), nothing(SmallTalk(Courtesy.BYE)),
        also=said("bye bye, good bye, see you, see ya, good night, have a nice day, have a nice evening, ciao, tschuss"),
        fillers=said("all, everyone, concierge, bot, then, tomorrow, later"),
    ),
)  # fmt: skip
