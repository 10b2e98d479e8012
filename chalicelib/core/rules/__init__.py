"""The rules of the house, by number: where each stands, and in what order the due ones act.

`docs/rules.md` says what they are; this page says how they run.

**Two kinds.** Some rules follow from an input: a wish (`wishes.py` is the table), a look at the chargers
(`plugging.observe`), a receipt of the outbox. The module named in `CHAPTERS` does them, in
the step of that input. Others follow from how the site stands, and from the time: "a port
is free and somebody waits" may become true by any input, or by none. These are the due
rules; `DUE` lists them.

**A due rule** yields a `Due` for each thing that it would do as the site stands: when, and
what (`core/due.py`). `step` lets the input change the draft, then does the first thing in
the list that is due by now, asks all rules anew, and goes on until nothing is due: a fixed
point. `next_deadline` asks the same rules and takes the earliest time of all. So each
condition, and each time, is written once. A rule yields nothing while what it needs is not
so (nobody waits, the chargers can't be seen): only a step can change that, and after it all
are asked again. What is `spoken` to people waits for working hours.

**The order** matters only for what is due in the same step, as after a long sleep: a time
of day, an outage and a car that has left may all come at once. What limits others goes
first (sight, closing time), then who may be called, then calls, then what is due from those
who were called, then words. Each line below says what it must come before. To add a rule:
write its function in the module of its chapter, and its line here.

**States.** Somebody in line is waiting, suspended, sitting out, powerless or called
(`model.Standing`); the reminders of a stay stand on one rung (`model.Rung`). Which rule
moves them from where to where: `docs/states.md`, drawn from runs of the rules.
"""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

from chalicelib.core.due import DueRule

from . import (
    absence,
    admin,
    admin_people,
    admin_ports,
    alarms,
    asking,
    boards,
    by_hand,
    charging,
    closing,
    finished,
    foresight,
    handover,
    homes,
    leaving,
    line,
    needs,
    on_behalf,
    plugging,
    power,
    promises,
    reach,
    reminders,
    repair,
    sensors,
    settings,
    sight,
    stale,
    turns,
    undo,
    weekly,
)

__all__ = ["CHAPTERS", "DUE", "Listed"]


class Listed(NamedTuple):
    """One due rule in the order of trying, and why it stands where it does."""

    number: int
    due: DueRule
    why_here: str


DUE = (
    Listed(23, sight.lose_sight, "first: who can't see calls nobody, and reminds nobody"),
    Listed(23, sight.tell_lost_sight, "before any words that sight would have changed"),
    Listed(25, closing.clear_line, "before calls: nobody is called into the night"),
    Listed(24, closing.empty_ports, "before calls: in the morning these ports are free"),
    Listed(21, power.leave_with_power, "before calls: who charges stands in line no more"),
    Listed(21, power.end_wait_for_power, "before calls: may be called again"),
    Listed(4, turns.end_suspensions, "before calls: may be called again"),
    Listed(10, turns.end_sitting_out, "before calls: may be called again"),
    Listed(41, absence.come_back, "before calls: may be called again"),
    Listed(41, absence.go_away, "before calls, and after all that let somebody be called again"),
    Listed(28, needs.meet, "before calls: who has what they need may be unplugged"),
    Listed(33, promises.settle, "after needs: what was met in time was kept"),
    Listed(34, handover.end_move, "before calls: who means to move isn't unplugged"),
    Listed(35, handover.withdraw_kept, "before calls: the port isn't to be had any more"),
    Listed(11, turns.withdraw_dark, "before lapses: a dark port is no fault of the called"),
    Listed(2, turns.call_next, "before lapses: while a port is free, nobody loses a turn to another"),
    Listed(9, turns.lapse, "after calls; the port that it sets free is called in the next round"),
    Listed(9, turns.end_calls, "after lapses: each turn that is over takes its buttons along"),
    Listed(15, turns.post_free, "after calls: a call has posted already"),
    Listed(8, turns.remind_idle, "after lapses: a turn that is over stands idle no more"),
    Listed(8, turns.remind_always, "with the one before"),
    Listed(16, charging.begin_day, "before reminders: yesterday's are void"),
    Listed(31, reminders.remind, "after calls: who waits is known; its own order is `LADDER`"),
    Listed(28, needs.ask_how_much, "after reminders: they say more"),
    Listed(42, weekly.due, "after reminders: nothing depends on it"),
    Listed(43, boards.keep, "after all that a board shows"),
    Listed(27, homes.refresh, "after all that changes what stands on it"),
    Listed(23, stale.drop_stale, "last: what was true as the step began may not be any more"),
)  # fmt: skip

CHAPTERS: dict[int, tuple[ModuleType, ...]] = {
    1: (line,),
    2: (turns, plugging),
    3: (line,),
    4: (line, turns),
    5: (line, turns),
    6: (plugging, power),
    7: (turns, line),
    8: (turns,),
    9: (turns,),
    10: (line, turns),
    11: (turns,),
    12: (turns, by_hand),
    13: (plugging,),
    14: (plugging, by_hand),
    15: (plugging, turns),
    16: (charging, reminders, by_hand),
    17: (charging,),
    18: (charging, reminders),
    19: (charging, reminders),
    20: (reminders,),
    21: (power, plugging),
    22: (power,),
    23: (sight, stale),
    24: (by_hand, closing),
    25: (closing, alarms),
    26: (admin, admin_people, admin_ports, undo),
    27: (asking, homes),
    28: (needs,),
    29: (finished, needs),
    30: (charging, reminders),
    31: (reminders, charging),
    32: (foresight, leaving),
    33: (promises,),
    34: (handover, reminders),
    35: (handover, repair, by_hand),
    36: (handover,),
    37: (turns, leaving),
    38: (repair, plugging),
    39: (repair, on_behalf, admin),
    40: (reach, line),
    41: (absence, settings),
    42: (weekly,),
    43: (boards,),
    44: (sensors,),
}
