"""Boards: one message a channel that shows how the site stands (rule 43).

Nothing of what a board shows is queued: what waits in the outbox, once at most, is that the
board is stale. As that is sent it is looked at how the site stands, and remembered by a digest;
after each step the digest tells whether it still stands so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from chalicelib.core import answers as say
from chalicelib.core.boards import BOARD, board_of, has_board
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import BoardPost, Effect
from chalicelib.core.model import Board, Pending
from chalicelib.core.reply import Reply
from chalicelib.values import replace

from .view import view

EVERY = timedelta(seconds=10)  # between two edits of a board
FIGURES = timedelta(minutes=5)  # … for the sake of its figures alone
ANEW = timedelta(minutes=1)  # between the making of one that was lost, and of the next


def keep(d: Draft) -> Iterator[Due]:
    """What boards are to be made, brought up to date, and taken down."""
    if not d.policy.board and not d.boards:  # nearly always
        return
    shown = {one.channel: one for one in d.boards}
    wanted = are_wanted(d)
    for channel in wanted:
        due = None if waits(d, channel) else next_of(d, channel, shown.get(channel))
        if due is not None:
            yield due
    for board in d.boards:
        if board.channel not in wanted and not waits(d, board.channel):
            yield Due(d.now, partial(take_down, d, board))


def are_wanted(d: Draft) -> list[str]:
    """The channels that are to have a board."""
    return [one for one in d.audience if has_board(d, one)]


def next_of(d: Draft, channel: str, board: Board | None) -> Due | None:
    """One that was lost is made anew when the channel may be spoken to: that makes a sound."""
    show = partial(d.send, board_of(channel), BoardPost())
    if board is None:  # somebody has just asked for it
        return Due(d.now, show)
    if not board.ref:
        return Due(board.made_at + ANEW, show, spoken=True)
    sent_at = board.sent_at or d.now
    times = [sent_at] if board.is_stale else []
    times += [sent_at + FIGURES] if board.has_drifted else []
    times += [board.good_until] if board.good_until is not None else []
    return Due(max(min(times), sent_at + EVERY), show) if times else None


def waits(d: Draft, channel: str) -> bool:
    """Something is on its way to this board."""
    return any(one.to == board_of(channel) for one in d.outbox)


def take_down(d: Draft, board: Board) -> None:
    """What stands there says that there is no board any more."""
    if board.ref:
        d.send(board_of(board.channel), BoardPost(off=True))
    else:
        put(d, board.channel, None)
    forget_refusals(d)


def forget_refusals(d: Draft) -> None:
    """A board that is wanted again is tried again."""
    if not d.policy.board and any(to.endswith(BOARD) for to in d.refused):
        d.refused = {to: why for to, why in d.refused.items() if not to.endswith(BOARD)}


def try_again(d: Draft) -> bool:
    """An admin switches on what is on: boards that were refused are tried once more, if any were."""
    kept = {to: why for to, why in d.refused.items() if not to.endswith(BOARD)}
    if not d.policy.board or len(kept) == len(d.refused):
        return False
    d.refused = kept
    return True


def review(d: Draft) -> bool:
    """When all that was due is done: does each board show what is so? Whether that has changed."""
    seen = view(d)
    digest, figures = seen.digest, seen.figures
    boards = tuple(
        replace(one, is_stale=one.digest != digest, has_drifted=one.figures != figures)
        if one.ref
        else one
        for one in d.boards
    )
    if boards == d.boards:
        return False
    d.boards = boards
    return True


# --- what becomes of it on its way ---------------------------------------------------------------


def find(boards: tuple[Board, ...], to: str) -> Board | None:
    """The board at an address."""
    return next((one for one in boards if board_of(one.channel) == to), None)


def put(d: Draft, channel: str, board: Board | None) -> None:
    others = tuple(one for one in d.boards if one.channel != channel)
    d.boards = others if board is None else (*others, board)


def of_boards(d: Draft, effect: Effect, pending: Pending) -> Effect | None:
    """What waits for a board still matters if there is, or isn't, to be one."""
    if not isinstance(effect, BoardPost):
        return effect
    is_wanted = pending.to.removesuffix(BOARD) in are_wanted(d)
    return effect if effect.off is not is_wanted else None


def is_shown(d: Draft, pending: Pending) -> bool:
    """Meanwhile it has become again as it stands there."""
    board = find(d.boards, pending.to)
    if not isinstance(pending.effect, BoardPost) or pending.effect.off:
        return False
    if board is None or not board.ref or (board.good_until or d.now + EVERY) <= d.now:
        return False
    seen = view(d)
    return (board.digest, board.figures) == (seen.digest, seen.figures)


def as_it_stands(d: Draft) -> BoardPost:
    """What is sent now."""
    seen = view(d)
    return BoardPost(digest=seen.digest, figures=seen.figures, good_until=seen.good_until)


def arrived(d: Draft, to: str, post: BoardPost, ref: str) -> None:
    """It stands there now."""
    channel, before = to.removesuffix(BOARD), find(d.boards, to)
    if post.off:
        put(d, channel, None)
        return
    is_new = before is None or before.ref != ref
    made_at = d.now if before is None or is_new else before.made_at
    shows = Board(channel, made_at, ref, d.now, post.digest, post.figures)
    put(d, channel, replace(shows, good_until=post.good_until))


def lost(d: Draft, to: str) -> bool:
    """It can't be edited: whatever the reason, it is made anew. False: nor could it be made."""
    board = find(d.boards, to)
    if board is None or not board.ref:
        return False
    is_wanted = board.channel in are_wanted(d)
    put(d, board.channel, Board(board.channel, board.made_at) if is_wanted else None)
    return True


# --- asking --------------------------------------------------------------------------------------


def show(_: Draft, driver: str, __: object) -> Reply:
    """`board`: what stands on it, here and now."""
    return lambda: say.BoardShown(driver)
