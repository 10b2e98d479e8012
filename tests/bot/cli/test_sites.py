"""`python -m bot site …`: every verb, and what bad arguments are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from time import time as time_now

import pytest

from bot.__main__ import main
from chalicelib.chat.slack.installations import Installation, Installs
from chalicelib.concierge import Concierge
from chalicelib.core.effects import FirstHint, Withdrawal, Withdrawn
from chalicelib.core.inputs import Add
from chalicelib.core.model import Person, Site
from chalicelib.reports import links
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace
from tests.fakes import ANA, BOB, FakeClock, FakeMessenger, FakeNetwork, asked

HQ = ["add", "hq", "--channel", "slack:T0HQ:C0EV", "--manual", "2"]
STATIONS = ["--station", "1:900001", "--station", "1:900002"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ev.db"
    monkeypatch.setenv("EV_STORE", f"sqlite:{path}")
    return path


@pytest.fixture
def store(path: Path) -> SQLiteStore:
    return SQLiteStore(str(path))


Said = tuple[int, str, str]


@pytest.fixture
def site(path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run one command: the exit code, what was printed, what was complained."""

    def run(*words: str) -> Said:
        try:
            code = main(["site", *words])
        except SystemExit as end:  # argparse's way
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def hq(store: SQLiteStore) -> Site:
    found = store.load("hq")
    assert found is not None
    return found


class TestAdd:
    def test_whole(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """The example of the design works, word for word."""
        words = ["--name", "HQ garage", "--channel", "slack:T0HQ:C0EV", "--station-group", "1234"]
        more = ["--timezone", "America/Los_Angeles", "--admin", "slack:T0HQ:U0BOSS"]
        assert site("add", "hq", *words, *more)[0] == 0
        found = hq(store)
        assert (found.name, found.stations.group) == ("HQ garage", 1234)
        assert (found.timezone, found.admins) == ("America/Los_Angeles", ("slack:T0HQ:U0BOSS",))
        assert store.bound("slack:T0HQ:C0EV") == "hq"

    def test_by_hand(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A manual site has its ports at once, and they are free."""
        site(*HQ)
        assert [port.label for port in hq(store).ports.values()] == ["1", "2"]
        answer = Concierge(store, {}, FakeClock()).handle("hq", asked(ANA, Add()))
        assert answer.site.queue[0].turn is not None

    def test_stations(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """Stations may be named one by one, each once."""
        site("add", "hq", "--channel", "slack:T0HQ:C0EV", *STATIONS, *STATIONS)
        assert hq(store).stations.ids == ("1:900001", "1:900002")

    def test_twice(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A site is added once; the second time nothing is changed."""
        site(*HQ)
        before = hq(store)
        code, _, complaint = site(*HQ, "--name", "Other")
        assert code == 1
        assert "hq exists already" in complaint
        assert hq(store) == before

    def test_a_taken_channel(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A channel has one site; another is refused, and isn't there afterwards."""
        site(*HQ)
        code, _, complaint = site("add", "annex", *HQ[2:])
        assert code == 1
        assert "slack:T0HQ:C0EV belongs to hq already" in complaint
        assert store.sites() == ["hq"]


BAD: list[tuple[list[str], str]] = [
    (["add"], "required: id"),
    (["add", "hq"], "--channel"),
    (["add", "hq", "--channel", "slack:T:C"], "--station-group --station --manual"),
    (["add", "HQ", *HQ[2:]], "small letters"),
    (["add", "a" * 41, *HQ[2:]], "small letters"),
    (["add", "hq", "--channel", "C0EV", "--manual", "2"], "platform:tenant:id"),
    (["add", "hq", "--channel", "slack:T:C:D", "--manual", "2"], "platform:tenant:id"),
    ([*HQ, "--admin", "@boss"], "platform:tenant:id"),
    ([*HQ, "--timezone", "Mars/Base"], "no timezone"),
    ([*HQ, "--timezone", "../../etc/passwd"], "no timezone"),
    ([*HQ, "--station", "1"], "not allowed with"),
    ([*HQ[:4], "--manual", "0"], "1 to 500"),
    ([*HQ[:4], "--manual", "501"], "1 to 500"),
    ([*HQ[:4], "--manual", "two"], "1 to 500"),
    ([*HQ[:4], "--station-group", "-5"], "number from 1 on"),
    ([*HQ[:4], "--station-group", "0"], "number from 1 on"),
    ([*HQ[:4], "--station-group", "9" * 5000], "number from 1 on"),
    ([*HQ[:4], "--station", ""], "no station's id"),
    ([*HQ, "--link", "ana"], "DRIVER=ID"),
    ([*HQ, "--link", "ana=1"], "platform:tenant:id"),
    ([*HQ, "--policy", "answer"], "answer can't be ''"),
    ([*HQ, "--policy", "answer=0"], "answer can't be '0'"),
    ([*HQ, "--policy", "answer=nan"], "answer can't be"),
    ([*HQ, "--policy", "answer=inf"], "answer can't be"),
    ([*HQ, "--policy", "answer=1e300"], "answer can't be"),
    ([*HQ, "--policy", "rated_kw=-1"], "rated_kw can't be"),
    ([*HQ, "--policy", "opens=25:00"], "opens can't be"),
    ([*HQ, "--policy", "classic=maybe"], "classic can't be"),
    ([*HQ, "--policy", "tone=rude"], "tone can't be"),
    ([*HQ, "--policy", "colour=red"], "no setting 'colour'"),
    (["paint", "hq"], "invalid choice"),
    ([], "COMMAND"),
    (["show"], "required: id"),
    (["remove", "../x"], "small letters"),
]


@pytest.mark.parametrize(("words", "complaint"), BAD, ids=lambda value: str(value)[:60])
def test_bad_arguments(
    site: Callable[..., Said], path: Path, words: list[str], complaint: str
) -> None:
    """Exit code 2, a message that says what is wrong, and nothing is done."""
    code, _, said = site(*words)
    assert code == 2
    assert complaint in " ".join(said.split())
    assert not path.exists()


class TestSet:
    @pytest.fixture(autouse=True)
    def _added(self, site: Callable[..., Said]) -> None:
        site(*HQ, "--link", f"{ANA}=7000001")

    def test_what_is_not_named_stays(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A new name changes the name."""
        before = hq(store)
        assert site("set", "hq", "--name", "Garage")[0] == 0
        after = hq(store)
        assert after.name == "Garage"
        assert (after.ports, after.channels, after.people) == (
            before.ports, before.channels, before.people,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("answer=20", timedelta(minutes=20)),
            ("answer=20m", timedelta(minutes=20)),
            ("limit=2h", timedelta(hours=2)),
            ("confirm=30s", timedelta(seconds=30)),
            ("rated_kw=7.2", 7.2),
            ("opens=05:30", time(5, 30)),
            ("classic=on", True),
            ("cap_commands=on", True),
            ("tone=cheerful", "cheerful"),
        ],
    )
    def test_policy(
        self, site: Callable[..., Said], store: SQLiteStore, text: str, value: object
    ) -> None:
        """Each setting in its own unit; the site can be read afterwards."""
        assert site("set", "hq", "--policy", text)[0] == 0
        assert getattr(hq(store).policy, text.partition("=")[0]) == value

    def test_links(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A driver may have several ids, each once; an id has one driver."""
        site("set", "hq", "--link", f"{ANA}=CARD1", "--link", f"{ANA}=7000001")
        assert hq(store).people == {ANA: Person(ids=("7000001", "CARD1"))}
        code, _, complaint = site("set", "hq", "--link", f"{BOB}=7000001")
        assert code == 1
        assert f"belongs to {ANA} already" in complaint

    def test_another_channel(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """The new channel means the site, the old one nothing any more."""
        site("set", "hq", "--channel", "slack:T0HQ:C2")
        assert store.bound("slack:T0HQ:C2") == "hq"
        assert store.bound("slack:T0HQ:C0EV") is None

    def test_other_stations(
        self, site: Callable[..., Said], store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was promised at the old ports is void; the line stays, and the called are told."""
        messenger, clock = FakeMessenger(), FakeClock()
        epochs = f"{time_now():.0f}@{clock.now().timestamp():.0f}"
        monkeypatch.setenv("EV_CLOCK", f"1@{epochs}")
        concierge = Concierge(store, {"slack": messenger}, clock, FakeNetwork(clock))
        for driver in (ANA, BOB):
            concierge.handle("hq", asked(driver, Add()))
        assert all(entry.turn is not None for entry in hq(store).queue)
        assert site("set", "hq", *STATIONS)[0] == 0
        after = hq(store)
        assert [(entry.driver, entry.turn) for entry in after.queue] == [(ANA, None), (BOB, None)]
        assert (after.ports, after.posts) == ({}, {})
        clock.advance(minutes=1)
        concierge.wake("hq")
        told = [
            (to, effect) for to, effect, _ in messenger.sent if not isinstance(effect, FirstHint)
        ]
        assert told == [
            (ANA, Withdrawn(ANA, "manual/1", Withdrawal.STATIONS)),
            (BOB, Withdrawn(BOB, "manual/2", Withdrawal.STATIONS)),
        ]
        concierge.look("hq")
        assert set(hq(store).ports) == {"1:900001/1", "1:900001/2"}

    def test_the_same_stations(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """Naming the same ports again voids nothing."""
        Concierge(store, {}, FakeClock()).handle("hq", asked(ANA, Add()))
        site("set", "hq", "--manual", "2")
        assert hq(store).queue[0].turn is not None

    def test_while_the_concierge_writes(
        self, site: Callable[..., Said], store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A race is tried again from the new state."""
        load, races = SQLiteStore.load, [ANA]

        def loading(self: SQLiteStore, site_id: str) -> Site | None:
            found = load(self, site_id)
            while races:
                Concierge(store, {}, FakeClock()).handle("hq", asked(races.pop(), Add()))
            return found

        monkeypatch.setattr(SQLiteStore, "load", loading)
        assert site("set", "hq", "--name", "Garage")[0] == 0
        after = hq(store)
        assert (after.name, len(after.queue)) == ("Garage", 1)


class TestOthers:
    def test_list_and_show(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """A line for each site; everything about one."""
        site(*HQ, "--name", "HQ garage", "--link", f"{ANA}=7000001")
        site("add", "annex", "--channel", "slack:T0HQ:C2", "--station-group", "7")
        Concierge(store, {}, FakeClock()).handle("hq", asked(ANA, Add()))
        code, out, _ = site("list")
        assert code == 0
        assert [line.split("\t")[0] for line in out.splitlines()] == ["annex", "hq"]
        assert "station group 7" in out
        code, out, _ = site("show", "hq")
        assert code == 0
        for word in ("HQ garage", "slack:T0HQ:C0EV", ANA, "called to manual/1", "7000001"):
            assert word in out

    def test_a_strange_name(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """What people call themselves can't write on the operator's terminal."""
        site(*HQ)
        called = replace(asked(ANA, Add()), name="Ana\x1b[2J\nadmins:   everybody")
        Concierge(store, {}, FakeClock()).handle("hq", called)
        _, out, _ = site("show", "hq")
        assert "Ana" in out
        assert "\x1b" not in out
        assert "\nadmins:   everybody" not in out

    def test_remove(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """The site is forgotten, and its channel is free for another."""
        site(*HQ)
        links.key_of(store.records, "hq")
        assert site("remove", "hq")[0] == 0
        assert store.load("hq") is None
        assert links.known_key(store.records, "hq") is None
        assert site("add", "annex", *HQ[2:])[0] == 0

    def test_purge(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """With the last site of a workspace goes its installation, and no other's."""
        site(*HQ)
        site(
            "add",
            "annex",
            "--manual",
            "1",
            "--channel",
            "slack:T0HQ:C2",
            "--channel",
            "slack:T0TWO:C3",
        )
        installs = Installs(store.records)
        for team in ("T0HQ", "T0TWO", "T0OTHER"):
            installs.keep(Installation(team, token=f"xoxb-{team}"))
        code, out, _ = site("remove", "annex", "--purge")
        assert code == 0
        assert "slack:T0HQ: kept, as hq is there, too." in out
        assert "slack:T0TWO: its installation and token are forgotten." in out
        assert [one.team for one in installs.all()] == ["T0HQ", "T0OTHER"]
        code, out, _ = site("remove", "hq", "--purge")
        assert "slack:T0HQ: its installation and token are forgotten." in out
        assert [one.team for one in installs.all()] == ["T0OTHER"]
        assert store.load("hq") is None
        assert store.bound_to("slack:") == []

    def test_purge_where_nothing_is(self, site: Callable[..., Said]) -> None:
        """A workspace whose token stands in the environment has no record; that is said."""
        site(*HQ)
        assert "slack:T0HQ: nothing more was kept." in site("remove", "hq", "--purge")[1]

    def test_purge_of_an_organization(self, site: Callable[..., Said], store: SQLiteStore) -> None:
        """What leads from a workspace to its organization goes; the organization's stays."""
        site(*HQ)
        installs = Installs(store.records)
        installs.keep(Installation("E0ORG", token="xoxb-org"))
        installs.note_org("T0HQ", "E0ORG")
        site("remove", "hq", "--purge")
        assert installs.find("T0HQ") is None
        assert [one.team for one in installs.all()] == ["E0ORG"]

    @pytest.mark.parametrize("words", [["show"], ["remove"], ["set", "--name", "x"]])
    def test_unknown(self, site: Callable[..., Said], words: list[str]) -> None:
        """There is no such site, says every verb that needs one."""
        site(*HQ)
        code, _, complaint = site(words[0], "nowhere", *words[1:])
        assert code == 1
        assert "there is no site nowhere" in complaint

    @pytest.mark.parametrize(
        "words", [["show", "hq"], ["remove", "hq"], ["list"], ["set", "hq", "--name", "x"]]
    )
    def test_newer(self, site: Callable[..., Said], path: Path, words: list[str]) -> None:
        """A site of a newer program is refused clearly, and left as it is."""
        site(*HQ)
        medium = sqlite3.connect(path, isolation_level=None)
        medium.execute("UPDATE sites SET body = ?", [b"\xfaof tomorrow"])
        code, _, complaint = site(*words)
        assert code == 1
        assert "update it" in complaint
        assert medium.execute("SELECT body FROM sites").fetchall() == [(b"\xfaof tomorrow",)]
        medium.close()

    def test_no_store(
        self, site: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A store that can't be reached is named."""
        monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path}/gone/ev.db")
        code, _, complaint = site("list")
        assert code == 1
        assert "gone/ev.db" in complaint

    def test_bad_setting(self, site: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
        """So is a setting that is malformed."""
        monkeypatch.setenv("EV_STORE", "nonsense")
        code, _, complaint = site("list")
        assert code == 2
        assert "EV_STORE" in complaint

    @pytest.mark.parametrize("verb", ["add", "set", "list", "show", "remove"])
    def test_help(self, site: Callable[..., Said], verb: str) -> None:
        """The help of each verb shows an example, and of values their units."""
        code, out, _ = site(verb, "--help")
        assert code == 0
        assert f"python -m bot site {verb}" in " ".join(out.split()).split("example:")[1]
        if verb in ("add", "set"):
            assert "20m" in out
            assert "kW" in out


@pytest.mark.parametrize("words", ["site list", "site show hq", "people import x", "backup x"])
def test_a_store_that_is_not_there(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To look at it doesn't make it; a slip in EV_STORE is told."""
    monkeypatch.setenv("EV_STORE", f"sqlite:{tmp_path / 'typo.db'}")
    assert main(words.split()) == (words != "site list")  # of none there is a list
    assert "there is no file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says what pyproject.toml does."""
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{capsys.readouterr().out.split()[-1]}"' in text
