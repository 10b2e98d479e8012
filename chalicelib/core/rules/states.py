"""Which rule moves a driver in line, and the reminders of a stay, from where to where.

`docs/states.md` is drawn from these tables. A test plays random days and knows of no other
move, and of none that never happens.
"""

from __future__ import annotations

from chalicelib.core.model import Rung, Standing

Waiting, Called = Standing.WAITING, Standing.CALLED
Suspended, SittingOut, Powerless = Standing.SUSPENDED, Standing.SITTING_OUT, Standing.POWERLESS
Away = Standing.AWAY

ENTRIES: dict[tuple[Standing | None, Standing | None], str] = {  # None: not in line
    (None, Waiting): "1 add, 26 an admin's add or undo",
    (None, Suspended): "26 undo",
    (None, SittingOut): "26 undo",
    (Waiting, Called): "2 a port is free",
    (Called, Called): "13 another took the port, 40 another address",
    (Called, Waiting): "11 dark, 12 blocked, 13 taken, 26 closed, 39 broken",
    (Called, SittingOut): "10 pass, next",
    (Called, Suspended): "4 suspend, 9 missed, 40 no platform takes the call",
    (Waiting, Suspended): "4 suspend",
    (SittingOut, Suspended): "4 suspend",
    (Powerless, Suspended): "4 suspend",
    (Suspended, Suspended): "4 suspend, for another while",
    (Suspended, Waiting): "4 resume, add, or time is up, 40 they write",
    (SittingOut, Waiting): "10 the port was used, or time is up",
    (Waiting, Powerless): "21 plugged in without power",
    (Called, Powerless): "21 plugged in without power",
    (Suspended, Powerless): "21 plugged in without power",
    (SittingOut, Powerless): "21 plugged in without power",
    (Powerless, Waiting): "21 unplugged, or time is up",
    (None, Away): "1 add in quiet hours or a meeting (41), 26 undo",
    (Waiting, Away): "41 quiet hours, or a meeting",
    (Away, Waiting): "41 it is over, 4 resume",
    (Away, Suspended): "4 suspend",
    (Away, Powerless): "21 plugged in without power",
    (Away, None): "3 remove, 13 plugged in, 21 power came, 25 night, 26 an admin",
    (Waiting, None): "3 remove, 13 plugged in, 21 power came, 25 night, 26 an admin",
    (Called, None): "3 leave, 13 plugged in, 21 power came, 25 night, 26 an admin",
    (Suspended, None): "3 remove, 13 plugged in, 21 power came, 25 night, 26 an admin",
    (SittingOut, None): "3 remove, 13 plugged in, 21 power came, 25 night, 26 an admin",
    (Powerless, None): "3 remove, 21 power came, 25 night, 26 an admin",
}

RUNGS: dict[tuple[Rung, Rung], str] = {
    (Rung.SILENT, Rung.NOTICED): "31 nearly up, and somebody waits; more minutes",
    (Rung.SILENT, Rung.OVER): "31 up, or 18 full, and nobody waits",
    (Rung.SILENT, Rung.AWAITED): "31 up, or 18 full, and somebody waits",
    (Rung.NOTICED, Rung.OVER): "31 up, or 18 full, and nobody waits",
    (Rung.NOTICED, Rung.AWAITED): "31 up, or 18 full, and somebody waits",
    (Rung.OVER, Rung.AWAITED): "31 somebody waits now",
    (Rung.AWAITED, Rung.ASKED): "16 ten minutes later: the channel",
    (Rung.ASKED, Rung.REPORTED): "16 ten minutes later: the admins",
    (Rung.SILENT, Rung.ASKED): "16 a stranger's car, 20 the classic house",
    (Rung.NOTICED, Rung.ASKED): "31 after more minutes, the channel knows already",
    (Rung.OVER, Rung.ASKED): "31 after more minutes, the channel knows already",
    **dict.fromkeys(((rung, Rung.NOTICED) for rung in Rung if rung > Rung.NOTICED), "31 more minutes"),
    **dict.fromkeys(((rung, Rung.SILENT) for rung in Rung if rung > Rung.SILENT), "16 a new day, 30 power again, 31 a longer need"),
}  # fmt: skip
