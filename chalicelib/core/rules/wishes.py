"""What people may wish for: which function does it. A new wish is one line of the table.

Each changes the draft and returns how to answer; see `reply.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.core import answers as say, inputs as wish
from chalicelib.core.draft import Draft
from chalicelib.core.inputs import Asked
from chalicelib.core.reply import Reply

from . import (
    admin,
    asking,
    boards,
    by_hand,
    forgetting,
    forms,
    handover,
    homes,
    joining,
    line,
    mail,
    needs,
    reminders,
    repair,
    settings,
    setup,
    weekly,
)

Doer = Callable[[Draft, str, Any], Reply]


def do(d: Draft, asked: Asked) -> Reply:
    """Do what a person asked for; how to answer."""
    if isinstance(asked.wish, wish.Admin):
        return admin.admin(d, asked.driver, asked.wish.act, asked.profiles)
    if isinstance(asked.wish, wish.Prefer):
        return settings.prefer(d, asked, asked.wish)
    return WISHES[type(asked.wish)](d, asked.driver, asked.wish)


WISHES: dict[type, Doer] = {
    # the line
    wish.Add: line.add,
    wish.Remove: lambda d, who, _: line.remove(d, who),
    wish.Suspend: line.suspend,
    wish.Resume: lambda d, who, _: line.resume(d, who),
    wish.Next: lambda d, who, _: line.move_on(d, who),
    # a call
    wish.OnMyWay: lambda d, who, this: line.with_turn(d, who, this.turn, line.on_my_way),
    wish.Pass: lambda d, who, this: line.with_turn(d, who, this.turn, line.give_away),
    wish.Leave: lambda d, who, this: line.with_turn(d, who, this.turn, line.leave),
    wish.Block: line.block,
    wish.CannotUse: handover.cannot_use,
    wish.CanUse: lambda d, who, this: handover.can_use(d, who, this.port),
    wish.Give: lambda d, who, this: handover.give(d, who, this.who),
    # what a car needs
    wish.SayNeed: needs.say_need,
    wish.PickNeed: needs.pick_need,
    wish.NoNeed: needs.no_need,
    wish.ShowNeed: needs.show_need,
    wish.When: asking.when,
    # a port, and the car on it
    wish.In: lambda d, who, this: by_hand.claim(d, who, this.port),
    wish.Out: lambda d, who, this: by_hand.release(d, who, this.port),
    wish.ThatsMe: lambda d, who, this: by_hand.thats_me(d, who, this.stay),
    wish.NotMine: lambda d, who, this: by_hand.not_me(d, who, this.stay),
    wish.RememberMe: lambda d, who, this: by_hand.remember(d, who, this.stay),
    wish.MoreMinutes: by_hand.more_minutes,
    wish.DoneMoving: handover.moving_now,
    wish.MovingAt: handover.moving_at,
    wish.NotYet: handover.not_yet,
    wish.MayUnplug: lambda d, who, this: handover.may_unplug(d, who, ok=this.ok),
    wish.NotMyCar: repair.disown,
    wish.Broken: repair.broken,
    wish.NudgePort: reminders.nudge_port,
    # another address
    wish.GetCode: joining.get_code,
    wish.Join: joining.join,
    wish.Notify: joining.notify,
    # my settings (`Prefer`: above)
    wish.ShowSettings: lambda d, who, _: settings.show(d, who),
    wish.Meet: settings.meet,
    wish.MailMe: mail.mail_me,
    wish.ShowMail: lambda d, who, _: mail.show_mail(d, who),
    wish.MailOff: lambda d, who, _: mail.mail_off(d, who),
    wish.Alarms: mail.alarms,
    wish.Invited: lambda d, who, _: setup.invited(d, who),
    # asking
    wish.AskWhy: lambda _, who, __: lambda: say.Why(who),
    wish.ShowLine: asking.show_line,
    wish.ShowBoard: boards.show,
    wish.ShowStatus: asking.show_status,
    wish.ShowPort: asking.show_port,
    wish.ShowPower: asking.show_power,
    wish.ShowReport: weekly.show,
    wish.ShowHelp: lambda d, who, this: lambda: say.Help(this.topic, who in d.admins, this.mail),
    wish.ForgetMe: lambda d, who, _: forgetting.forget(d, who),
    wish.OpenForm: forms.open_form,
    wish.OpenHome: homes.open_home,
    wish.LeaveHome: homes.leave_home,
    wish.SmallTalk: lambda _, __, this: lambda: say.SmallTalk(this.what),
    wish.Unclear: asking.unclear,
}
