"""The fair order (rule 37), on plain values."""

from __future__ import annotations

from hypothesis import given, strategies as st

from chalicelib.energy.fair import OFTEN, Because, Claim, because, passed_over, rank


def at(place: int, **more: bool | int) -> Claim:
    return Claim(place, **more)  # type: ignore[arg-type]  # fields by name


CLAIMS = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(
        at,
        st.integers(0, 500),
        had=st.booleans(),
        can=st.booleans(),
        shut_out=st.booleans(),
        passed=st.integers(0, 5),
    ),
    min_size=1,
)


class TestRule37FairOrder:
    def test_by_arrival(self) -> None:
        """Where nothing else tells them apart, who came first."""
        assert rank({"b": at(2), "a": at(1), "c": at(3)}) == ["a", "b", "c"]

    def test_had_today(self) -> None:
        """Who has had their need today comes after everybody who hasn't."""
        assert rank({"a": at(1, had=True), "b": at(2), "c": at(3, can=False)}) == ["b", "c", "a"]

    def test_shut_out_last_time(self) -> None:
        """Who got nothing at their last visit goes first among those who can still get it."""
        line = {"a": at(1), "b": at(2, shut_out=True), "c": at(3, shut_out=True, can=False)}
        assert rank(line) == ["b", "a", "c"]

    def test_three_times(self) -> None:
        """Who was passed over three times stands with them, by arrival."""
        assert rank({"a": at(1, passed=OFTEN), "b": at(2, shut_out=True)}) == ["a", "b"]

    def test_because(self) -> None:
        """The first thing in which two differ is why one comes before the other."""
        assert because(at(2), at(1, had=True)) is Because.HAD_NONE
        assert because(at(2), at(1, can=False)) is Because.CAN_STILL
        assert because(at(2, shut_out=True), at(1)) is Because.SHUT_OUT
        assert because(at(2, passed=OFTEN), at(1)) is Because.PASSED
        assert because(at(1, shut_out=True), at(2, shut_out=True)) is Because.CAME_FIRST

    @given(CLAIMS)
    def test_a_full_order(self, claims: dict[str, Claim]) -> None:
        """Everybody is in it once, and nobody who had theirs comes before one who hadn't."""
        order = rank(claims)
        assert sorted(order) == sorted(claims)
        had = [claims[one].had for one in order]
        assert had == sorted(had)

    @given(CLAIMS)
    def test_nobody_is_passed_over_for_ever(self, claims: dict[str, Claim]) -> None:
        """Who was passed over often enough isn't again, by anybody newer."""
        first = rank(claims)[0]
        for driver in passed_over(claims, first):
            assert claims[driver].passed < OFTEN or claims[driver].place >= claims[first].place
