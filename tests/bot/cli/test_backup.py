"""`python -m bot backup` and `restore`: everything that lasts, or a clear refusal."""

from __future__ import annotations

import io
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import boto3
import pytest

from bot.__main__ import main
from bot.cli import archive, backup
from chalicelib.clock import SystemClock
from chalicelib.core import step
from chalicelib.core.effects import Called, LiftLimit, NextUp, PortPost
from chalicelib.core.model import Entry, Lane, Pending, Port, Site, Status, Turn
from chalicelib.core.restore_policy import QUIET, revived
from chalicelib.edges import StoreUnavailable
from chalicelib.stores import codec, open_store
from chalicelib.stores.dynamodb import create_table
from chalicelib.values import replace
from tests.contracts.stay_log import ALWAYS, stay
from tests.fakes import ANA, BOB, CHANNEL, MONDAY, look, site_of

NOW = SystemClock().now()
PORT = Port("1:900001/1", "1", Status.AVAILABLE, MONDAY, MONDAY, post=7)
WORDS = Pending(9, Lane.CHAT, BOB, NextUp(BOB), NOW)


def garage(stepped_at: datetime) -> Site:
    """Ana is called and Bob waits; one message is on its way."""
    turn = Turn(5, PORT.id, stepped_at, stepped_at, stepped_at + timedelta(minutes=15))
    queue = (Entry(ANA, stepped_at).called(turn), Entry(BOB, stepped_at, told_next=True))
    return site_of(
        queue=queue, ports={PORT.id: PORT}, outbox=(WORDS,), stepped_at=stepped_at, serial=9
    )


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """EV_STORE names a store with two sites and an installation, and a lease that won't last."""
    spec = f"sqlite:{tmp_path}/old.db"
    monkeypatch.setenv("EV_STORE", spec)
    fill(spec)
    return spec


def fill(spec: str) -> None:
    store = open_store(spec)
    for site in (garage(NOW), Site("annex", "Annex", channels=("slack:T0HQ:C0X",))):
        store.save(store.save(site, None), None)
        store.bind(site.channels[0], site.id)
    store.records.put("hipchat", "some-oauth-id", {"secret": "made-up"})
    store.records.put("lease", "listener", {"owner": "me"}, timedelta(minutes=1))


def park(spec: str) -> None:
    """Two cars have left."""
    for number in (1, 2):
        one = stay(number, NOW - timedelta(hours=number))
        open_store(spec).stays.add("hq", one, timedelta(days=90))


def use(monkeypatch: pytest.MonkeyPatch, spec: str) -> str:
    monkeypatch.setenv("EV_STORE", spec)
    return spec


def everything(spec: str) -> object:
    """What lasts in a store; versions are each store's own."""
    store = open_store(spec)
    sites = [store.load(one) for one in store.sites()]
    bindings = [(at, store.bound(at)) for one in sites if one for at in one.channels]
    stays = store.stays.read("hq", *ALWAYS)
    return [replace(one, version=0) for one in sites if one], bindings, sorted(store.records.permanent()), stays  # fmt: skip


def test_there_and_back(
    old: str, tmp_path: Path, aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From SQLite by way of S3 into DynamoDB, and from there by a file into SQLite again:
    nothing that lasts is missing, and nothing else came along.
    """
    park(old)
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack)
    create_table(boto3.client("dynamodb"), "moved")
    where = {"LocationConstraint": "us-west-2"}
    boto3.client("s3").create_bucket(Bucket="ev-backups", CreateBucketConfiguration=where)
    assert main(["backup", "s3://ev-backups/some/day"]) == 0
    table = use(monkeypatch, "dynamodb:moved")
    assert main(["restore", "s3://ev-backups/some/day"]) == 0
    assert everything(table) == everything(old)
    assert open_store(table).due(NOW + timedelta(days=1)) == ["hq"]
    assert open_store(table).records.get("lease", "listener") is None
    assert main(["backup", str(tmp_path / "file")]) == 0
    again = use(monkeypatch, f"sqlite:{tmp_path}/again.db")
    assert main(["restore", str(tmp_path / "file")]) == 0
    assert everything(again) == everything(old)
    assert main(["restore", "s3://ev-backups/none"]) == 1
    assert main(["backup", "s3://no-such-bucket/key"]) == 1


def test_stays_too_old_to_be_kept(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup brings nothing back that the site's settings would have let go meanwhile."""
    park(old)
    longer = stay(3, NOW - timedelta(days=91))
    open_store(old).stays.add("hq", longer, timedelta(days=400))
    assert main(["backup", str(tmp_path / "file")]) == 0
    there = use(monkeypatch, f"sqlite:{tmp_path}/new.db")
    assert main(["restore", str(tmp_path / "file")]) == 0
    assert [one.id for one in open_store(there).stays.read("hq", *ALWAYS)] == [2, 1]


def test_a_stay_is_of_a_site_of_the_backup(old: str, tmp_path: Path) -> None:
    """A line that was put in by hand is known, also where its checksum was made to fit."""
    with (tmp_path / "file").open("wb") as file:
        writer = archive.Writer(file, NOW)
        writer.write(archive.SavedStay("hq", stay(1)))
        writer.finish()
    with pytest.raises(archive.Damaged, match="line 2 is out of place"):
        archive.check(tmp_path / "file")


def test_a_removed_site_leaves_nothing(old: str) -> None:
    """What was kept of its cars goes with it."""
    park(old)
    assert main(["site", "remove", "hq"]) == 0
    assert open_store(old).stays.read("hq", *ALWAYS) == []


def test_the_file_is_its_owners_alone(old: str, tmp_path: Path) -> None:
    """It holds tokens: nobody else may read it, whoever could read what was there before."""
    file = tmp_path / "file"
    file.write_text("an older one")
    file.chmod(0o644)
    assert main(["backup", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(tmp_path.glob("file*")) == [file]


def test_a_failed_backup_spoils_nothing(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty store is nothing to back up, and the older backup stays."""
    file = tmp_path / "file"
    assert main(["backup", str(file)]) == 0
    before = file.read_bytes()
    use(monkeypatch, f"sqlite:{tmp_path}/empty.db")
    assert main(["backup", str(file)]) == 1
    assert "is EV_STORE right?" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert sorted(tmp_path.glob("file*")) == [file]
    assert main(["backup", str(tmp_path / "no" / "folder")]) == 1


def test_one_damaged_site_takes_no_other_along(
    old: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are saved; the exit code and the message tell of it."""
    open_store(old)._file.write("UPDATE sites SET body = ? WHERE site_id = 'hq'", b"\x01rubbish")  # type: ignore[union-attr]  # a SQLite one
    assert main(["backup", str(tmp_path / "file")]) == 1
    assert "missing: hq" in capsys.readouterr().err
    use(monkeypatch, f"sqlite:{tmp_path}/new.db")
    assert main(["restore", str(tmp_path / "file")]) == 0


def spoilt(lines: list[bytes]) -> dict[str, list[bytes]]:
    site = next(line for line in lines if b'"is":"site"' in line)
    stranger = site.replace(b'"id":"annex"', b'"id":"other"')
    newer = lines[0].replace(b'"format":2', b'"format":3')
    deep = b'{"is":"record","kind":"a","key":"b","value":{"a":' + b"[" * 100_000
    return {
        "line 2 can't be read": [lines[0], deep],
        "cut off": lines[:-1],
        "line 3 can't be read": [*lines[:2], lines[2][:30]],
        "it was changed": [*lines[:2], *lines[3:]],
        "out of place": lines[1:],
        "something follows": [*lines, lines[1]],
        "another site": [stranger if line == site else line for line in lines],
        "update it": [newer, *lines[1:]],
        "line 1 can't be read": [b"PK\x03\x04 something else"],
    }


@pytest.mark.parametrize("why", spoilt([b'"is":"site"'] * 4))
def test_what_is_not_whole_is_refused(
    why: str,
    old: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A backup that was cut off or changed is known before anything is written."""
    file = tmp_path / "file"
    main(["backup", str(file)])
    file.write_bytes(b"".join(spoilt(file.read_bytes().splitlines(keepends=True))[why]))
    new = use(monkeypatch, f"sqlite:{tmp_path}/new.db")
    assert main(["restore", str(file)]) == 1
    said = capsys.readouterr().err
    assert why in said
    assert "Nothing was written" in said
    assert everything(new) == ([], [], [], [])


def whole(*things: archive.Thing) -> bytes:
    """A backup that somebody made up, with a checksum that is right."""
    file = io.BytesIO()
    writer = archive.Writer(file, NOW)
    for thing in things:
        writer.write(thing)
    writer.finish()
    return file.getvalue()


def saved(site: Site) -> archive.SavedSite:
    return archive.SavedSite(site.id, codec.encode(site))


ONE = Site("one", "One", channels=("slack:T0HQ:C0ONE",))


@pytest.mark.parametrize(
    "things",
    [
        (saved(ONE), saved(replace(ONE, name="Two"))),
        (archive.SavedRecord("a", "b", {"c": 1}), archive.SavedRecord("a", "b", {"c": 2})),
        (archive.Binding("slack:T0HQ:C0ONE", "one"),),
        (saved(ONE), archive.Binding("slack:T0HQ:C0OTHER", "one")),
        (saved(ONE), archive.Binding("slack:T0HQ:C0ONE", "one"), archive.Binding("slack:T0HQ:C0ONE", "one")),
        (saved(replace(ONE, id="../one\n\x1b[31m", channels=())),),
        (saved(replace(ONE, id="", channels=())),),
    ],
)  # fmt: skip
def test_what_no_backup_says(things: tuple[archive.Thing, ...], tmp_path: Path) -> None:
    """A name twice, a channel that isn't its site's, a name that no site can have: refused
    before anything is written, though the checksum is right.
    """
    file = tmp_path / "file"
    file.write_bytes(whole(*things))
    with pytest.raises(archive.Damaged, match="out of place"):
        archive.check(file)


def test_any_cut_is_noticed(old: str, tmp_path: Path) -> None:
    """Wherever a file was cut off, it is no backup."""
    file, part = tmp_path / "file", tmp_path / "part"
    main(["backup", str(file)])
    whole = file.read_bytes()
    for length in [*range(0, len(whole) - 1, 97), len(whole) - 20]:
        part.write_bytes(whole[:length])
        with pytest.raises(archive.Damaged):
            archive.check(part)


def test_a_store_with_something_in_it(
    old: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused; with --over the backup's sites are as they were, and what it lacks stays.
    So does a record that is there: an older token would be a dead one.
    """
    file = str(tmp_path / "file")
    main(["backup", file])
    then = everything(old)
    store = open_store(old)
    hq = store.load("hq")
    assert hq
    moved = "slack:T0HQ:C0MOVED"
    store.save(replace(hq, queue=(), channels=(moved,)), None)
    store.bind(CHANNEL, None)
    store.bind(moved, "hq")
    store.records.put("hipchat", "some-oauth-id", {"secret": "changed"})
    assert main(["restore", file]) == 1
    assert "--over" in capsys.readouterr().err
    store.save(Site("newer", "Newer"), None)
    assert main(["restore", "--over", file]) == 0
    assert store.load("newer")
    assert store.bound(moved) is None
    store.delete("newer")
    assert store.records.get("hipchat", "some-oauth-id") == {"secret": "changed"}
    assert "Kept as they were here, 1 of the records" in capsys.readouterr().out
    store.records.delete("hipchat", "some-oauth-id")
    assert main(["restore", "--over", file]) == 0
    assert everything(old) == then
    restored = store.load("hq")
    assert restored
    assert restored.version == 5, "who still holds an older version can't save over it"


def test_a_channel_that_another_site_has(
    old: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It isn't taken from a site that the backup doesn't know."""
    main(["backup", str(tmp_path / "file")])
    store = open_store(old)
    store.save(Site("newer", "Newer"), None)
    store.bind(CHANNEL, "newer")
    assert main(["restore", "--over", str(tmp_path / "file")]) == 1
    assert "belongs to newer" in capsys.readouterr().err
    assert store.bound(CHANNEL) == "newer"


def test_somebody_writes_meanwhile(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is read again and differs is named: something runs on that store."""
    main(["backup", str(tmp_path / "file")])
    new = use(monkeypatch, f"sqlite:{tmp_path}/new.db")
    each = backup.Restoring._each

    def meddle(self: backup.Restoring, what: str, *more: object) -> None:
        each(self, what, *more)  # type: ignore[arg-type]  # passed on as they came
        if what == "written":
            store = open_store(new)
            site = store.load("hq")
            assert site
            store.save(replace(site, queue=()), None)

    monkeypatch.setattr(backup.Restoring, "_each", meddle)
    assert main(["restore", str(tmp_path / "file")]) == 1
    assert "site hq is not what was written" in capsys.readouterr().err


def test_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is asked too much of is asked again; one that is down is not for ever."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers = iter([StoreUnavailable("throttled")] * 3 + [None] + [StoreUnavailable("down")] * 9)

    def ask() -> None:
        fault = next(answers)
        if fault:
            raise fault

    backup.patiently(ask)
    with pytest.raises(StoreUnavailable, match="down"):
        backup.patiently(ask)


class TestRevived:
    """What of older notes may still be done."""

    def test_a_moment_ago(self) -> None:
        """A move from one store to another changes nothing: calls run on, words are said."""
        site = garage(NOW)
        assert revived(site, NOW + QUIET - timedelta(seconds=1)) is site
        assert revived(Site("new", "New"), NOW) == Site("new", "New")

    def test_hours_ago(self) -> None:
        """The line stands as it was, the call is void, nothing of then is said or edited."""
        back = revived(garage(NOW), NOW + timedelta(hours=3))
        assert [(entry.driver, entry.turn) for entry in back.queue] == [(ANA, None), (BOB, None)]
        assert not any(entry.told_next for entry in back.queue)
        assert back.outbox == ()
        assert back.ports[PORT.id].post is None

    def test_the_rules_call_anew(self) -> None:
        """The first looks at a free port call whoever is first, in a new post."""
        site, now = revived(garage(MONDAY), MONDAY + timedelta(hours=3)), MONDAY
        for minutes in (180, 181):
            now = MONDAY + timedelta(minutes=minutes)
            site = step(site, look(now, p1=None), now).site
        assert any(isinstance(one.effect, Called) and one.to == ANA for one in site.outbox)
        assert any(isinstance(one.effect, PortPost) and one.effect.post > 9 for one in site.outbox)

    def test_a_call_with_time_left(self) -> None:
        """Who was called twelve minutes ago has three to go."""
        site = garage(NOW)
        assert revived(site, NOW + timedelta(minutes=12)).queue[0].turn == site.queue[0].turn

    def test_the_end_of_a_limit(self) -> None:
        """Lifting is still done: it does no harm, and its lack would."""
        lift = Pending(10, Lane.NETWORK, "network", LiftLimit("boss"), NOW)
        site = replace(garage(NOW), outbox=(WORDS, lift))
        assert revived(site, NOW + timedelta(hours=3)).outbox == (lift,)


def test_the_form(old: str, tmp_path: Path) -> None:
    """One JSON object a line; a site is the bytes that every later version can read."""
    file = tmp_path / "file"
    main(["backup", str(file)])
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["is"] for line in lines] == [
        "ev-concierge backup", "site", "channel", "site", "channel", "record", "end",
    ]  # fmt: skip
    assert lines[-1].items() >= {"sites": 2, "channels": 2, "records": 1}.items()
    [hq] = [one for one in archive.things(file) if getattr(one, "id", "") == "hq"]
    assert isinstance(hq, archive.SavedSite)
    assert codec.decode(hq.body).queue == garage(NOW).queue
