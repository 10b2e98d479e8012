"""The documents stay true: what they name exists, and what exists is named."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import fields

from bot.__main__ import parser
from chalicelib.chat.parsing import parse
from chalicelib.chat.slack.manifest import manifest
from chalicelib.chat.text.manual import ADMIN_HELP, HELP
from chalicelib.core.inputs import Unclear
from chalicelib.core.model import Policy
from chalicelib.core.policy import KEYS, written
from chalicelib.core.rules import CHAPTERS, DUE
from chalicelib.settings import KNOWN
from tests.days.play import Transcript

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ADRS = sorted(ROOT.glob("docs/adr/[0-9]*.md"))
NOT_OURS = ("/[w]ork/", "/[f]arm/", "[.]library", "sub-?agent", "py[p]i[.]", "n[p]mjs[.]")
MAKE = re.compile(r"\bmake ([a-z]+)\b(?= |`|$|\n)")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(text: str) -> list[str]:
    """What stands in backticks, and the lines of code blocks."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [*inline, *(line.strip() for block in blocks for line in block.splitlines())]


def first_cells(text: str) -> Iterator[str]:
    """The code in the first cell of each row of each table."""
    for row in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE):
        yield from re.findall(r"`([^`]+)`", row)


def anchors(text: str) -> set[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).strip().replace(" ", "-") for one in headings}


def phrases(name: str) -> list[str]:
    """Every `/ev …` of a document, without its `/ev`."""
    return [one.removeprefix("/ev ") for one in code(read(name)) if one.startswith("/ev ")]


def options(*words: str) -> set[str]:
    """The options of a command of `python -m bot`."""
    found = parser()
    for word in words:
        found = found._subparsers._group_actions[0].choices[word]  # type: ignore[union-attr,index]  # argparse keeps them to itself
    return {one for action in found._actions for one in action.option_strings} - {"-h", "--help"}


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_links(doc: Path) -> None:
    """Every link between our documents leads somewhere, to its heading if it names one."""
    for target in re.findall(r"\]\(([^)]+)\)", doc.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        where = (doc.parent / path).resolve() if path else doc
        assert where.exists(), target
        assert not anchor or anchor in anchors(where.read_text(encoding="utf-8")), target


def test_every_document_is_linked() -> None:
    """Whoever begins at the README comes to every document."""
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        doc = ahead.pop()
        seen.add(doc)
        links = re.findall(r"\]\(([^)#:]+\.md)", doc.read_text(encoding="utf-8"))
        ahead += {(doc.parent / link).resolve() for link in links} - seen
    assert seen == set(DOCS)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/settings.md"])
def test_make(name: str) -> None:
    """What a document tells to make, the Makefile can make."""
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = {target for one in code(read(name)) for target in MAKE.findall(one)}
    assert named
    assert named <= targets


def test_make_lists_its_targets() -> None:
    """`make` alone names every target, a line each."""
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    assert phony is not None
    assert re.findall(r"^  make (\w+)", listed.stdout, re.MULTILINE) == phony[1].split()


def test_the_two_commands() -> None:
    """The README begins with what a newcomer types."""
    lines = code(read("README.md"))
    assert "make run" in lines
    assert "make test" in lines


def test_the_morning() -> None:
    """The README's morning goes as it is told there."""
    morning = re.findall(r"```text\n(with .*?)```", read("README.md"), re.DOTALL)[0]
    assert Transcript(morning).play() == morning


def test_the_map() -> None:
    """What the README's map shows is there, and no folder of ours is missing on it."""
    shown = read("README.md").partition("## The map")[2].partition("\n## ")[0]
    named = set(first_cells(shown))
    assert all((ROOT / name).exists() for name in named)
    known = ("app.py", "chalicelib/", "bot/", "practice/", "deploy/", "tests/", "docs/")
    inside = (f"{one.parent.relative_to(ROOT)}/" for one in ROOT.glob("chalicelib/*/__init__.py"))
    assert named.issuperset({*known, *inside})


@pytest.mark.parametrize(
    "page",
    [
        "docs/where.md",
        "docs/architecture.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "docs/new-platform.md",
    ],
)
def test_paths(page: str) -> None:
    """Every path of ours that these pages name is there."""
    tops = (
        "app.py",
        "bot/",
        "chalicelib/",
        "practice/",
        "tests/",
        "deploy/",
        "docs/",
        "bench/",
        "chat/",
        "core/",
        "stores/",
    )
    for path in re.findall(r"`([\w.*/-]+)`", read(page)):
        if path.startswith(tops) and "PLATFORM" not in path:
            places = [*ROOT.glob(path), *(ROOT / "chalicelib").glob(path)]
            assert places, f"{page}: {path}"


def test_every_setting() -> None:
    """docs/settings.md has every setting of the environment, and no other."""
    text = read("docs/settings.md").partition("## The environment")[2].partition("\n## ")[0]
    assert sorted(first_cells(text)) == sorted(KNOWN)


def test_every_option() -> None:
    """docs/settings.md has every option of `site add` and `site set`, and no other."""
    text = read("docs/settings.md").partition("## `python -m bot site`")[2].partition("\n## ")[0]
    assert set(first_cells(text)) == options("site", "add") == options("site", "set")


def test_every_command() -> None:
    """docs/settings.md has a chapter for each command of `python -m bot`."""
    chapters = re.findall(r"^## `python -m bot (\w+)", read("docs/settings.md"), re.MULTILINE)
    assert set(chapters) == set(parser()._subparsers._group_actions[0].choices)  # type: ignore[union-attr,arg-type]  # as above


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/settings.md", "docs/admin-guide.md", "docs/disaster-recovery.md"],
)
def test_command_lines(name: str) -> None:
    """The examples of `python -m bot` are understood."""
    text = read(name).replace("\\\n", " ")
    examples = re.findall(r"python -m bot ((?:site|people|run|check|backup|restore)\b[^`\n…]*)$", text, re.MULTILINE)  # fmt: skip
    assert examples
    for example in examples:
        words = [one.replace('"', "") for one in re.findall(r'(?:[^\s"]|"[^"]*")+', example)]
        parser().parse_args(words)


def test_every_policy() -> None:
    """The admin guide has every setting of the house, with its default."""
    rows = dict(
        re.findall(r"^\| `(\w+)` \| ([^|]+) \|", read("docs/admin-guide.md"), re.MULTILINE)
    )
    assert tuple(rows) == KEYS
    for one in fields(Policy):  # type: ignore[arg-type]  # a struct when it runs
        assert rows[one.name].strip() == written(one.default), one.name


@pytest.mark.parametrize(
    ("name", "listed"),
    [("docs/driver-guide.md", HELP), ("docs/admin-guide.md", ADMIN_HELP)],
    ids=["drivers", "admins"],
)
def test_guides(name: str, listed: tuple[tuple[str, str], ...]) -> None:
    """A guide has every phrase of the help, and no phrase that is not understood."""
    written = phrases(name)
    assert {phrase for phrase, _ in listed} <= set(written)
    for phrase in written:
        wish = parse(phrase.replace("KEY VALUE", "answer 20m"), "slack:T0HQ")
        assert not isinstance(wish, Unclear), phrase


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in (*HELP, *ADMIN_HELP)])
def test_help(phrase: str) -> None:
    """What the help tells people to type is understood."""
    assert not isinstance(parse(phrase, "slack:T0HQ"), Unclear)


@pytest.mark.parametrize("name", ["docs/driver-guide.md", "docs/rules.md"])
def test_what_everybody_sees(name: str) -> None:
    """Both say of which commands the channel sees the answers."""
    (told,) = re.findall(
        r"^(?:Only you see the answers|Public, in one line each).*$", read(name), re.MULTILINE
    )
    assert {"add", "give", "out", "broken"} <= set(code(told))
    assert "another's turn" in told


def test_rules_are_numbered() -> None:
    """Each rule of the house stands there once, and in the list of the code: both name them by
    number. A number is never given again; a later rule stands in its chapter.
    """
    numbers = [int(one) for one in re.findall(r"^(\d+)\. ", read("docs/rules.md"), re.MULTILINE)]
    assert sorted(numbers) == sorted(CHAPTERS)
    assert {listed.number for listed in DUE} <= set(CHAPTERS)


def test_the_manifest() -> None:
    """The Slack app's manifest in the docs is the one that the command prints."""
    (block,) = re.findall(r"```json\n(.*?)```", read("docs/slack.md"), re.DOTALL)
    assert json.loads(block) == manifest()
    assert "url" not in block, "Socket Mode needs no address"


def test_decisions_are_numbered() -> None:
    """Each decision has a number of its own, and is listed with its title."""
    numbers = [int(adr.name[:4]) for adr in ADRS]
    assert numbers == sorted(set(numbers))
    titles = [re.sub(r"^# ", "", adr.read_text(encoding="utf-8").splitlines()[0]) for adr in ADRS]
    listed = re.findall(r"^\| \[(\d+)\]\((.+?)\) \| (.+?) \|$", read("docs/adr/README.md"), re.MULTILINE)  # fmt: skip
    assert [f"{number}. {title}" for number, _, title in listed] == titles
    assert [name for _, name, _ in listed] == [adr.name for adr in ADRS]


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_decisions_have_their_form(adr: Path) -> None:
    """A decision has its three parts and is short enough to be read."""
    text = adr.read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 30


def test_the_changelog_begins_with_what_is_new() -> None:
    """Unreleased changes stand on top."""
    assert re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)[0] == "Unreleased"


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_documents_stand_on_their_own(doc: Path) -> None:
    """No document sends its reader to a place that only we can see."""
    text = doc.read_text(encoding="utf-8")
    assert not [word for word in NOT_OURS if re.search(word, text, re.IGNORECASE)]


def test_the_picture() -> None:
    """The README's picture is a PNG that loads quickly."""
    picture = (ROOT / "docs" / "picture.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000
