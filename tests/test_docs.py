"""README and docs are executed: every Python block, every `fieldstone` line; links lead somewhere; tables are as in the code.

A page's blocks run in order, in a folder that holds `models/` (tests/docs_models.py), with torch the weight file
`fields.safetensors`, and, but for the pages that make it, the library `parts.fieldstone` of it. Before a block,
`<!-- exits 1 -->` says that its commands fail with that status, and `<!-- not run: why -->` that it needs what a test has
not. A `text` block right after a `console` block shows output: each of its words must be printed.
"""

import dataclasses
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldstone import Library, Limits, encoders
from fieldstone.cli import main
from fieldstone.files import formats
from fieldstone.library import evidence
from fieldstone.library.catalog import LENGTHS
from tests.docs_models import write_encoder_of_fields, write_models

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MAKE_THE_LIBRARY = ("README.md", "index.md")
FENCE = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LANGUAGES = {"console", "python", "text"}
OTHER_COMMANDS = ("make ", "pip ")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
WORD = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    mark: str
    follows_console: bool


def blocks(page: Path) -> Iterator[Block]:
    text, end, before = page.read_text(), 0, ""
    for found in FENCE.finditer(text):
        adjacent = before == "console" and not text[end : found.start()].strip()
        yield Block(language=found[2], text=found[3], mark=found[1] or "", follows_console=adjacent)
        end, before = found.end(), found[2]


def commands(block: Block) -> list[list[str]]:
    lines = block.text.replace("\\\n", " ").splitlines()
    return [shlex.split(re.sub(r"\s#\s.*", "", line)) for line in lines if line.startswith("fieldstone ")]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the examples run, and the state that they start from."""
    place, saved = tmp_path_factory.mktemp("docs") / "here", tmp_path_factory.mktemp("docs") / "saved"
    write_models(place / "models")
    if encoders.default() == encoders.BASE:  # where networks can run
        write_encoder_of_fields(place / "fields.safetensors")
    Library(place / "parts.fieldstone").add(place / "models", category="folder")
    shutil.copytree(place, saved)
    return place, saved


@pytest.fixture
def here(prepared: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    place, saved = prepared
    shutil.rmtree(place)
    shutil.copytree(saved, place)
    monkeypatch.chdir(place)
    if (
        encoders.default() == encoders.BASE
    ):  # fits for an encoder of fields take seconds each, and what they find is not told
        from tests.encoders.tiny_fields import quickly

        quickly(monkeypatch)
    return place


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if "```" in page.read_text()], ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(
    page: Path, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if page.name in MAKE_THE_LIBRARY:
        shutil.rmtree(here / "parts.fieldstone")
    names: dict[str, object] = {"__name__": page.stem}
    printed = ""
    for block in blocks(page):
        if block.mark.startswith("not run"):
            continue
        if block.language == "python":
            exec(compile(block.text, page.name, "exec"), names)
        elif block.language == "console":
            wanted = int(block.mark.removeprefix("exits ") or 0)
            capsys.readouterr()
            for command in commands(block):
                assert run(command, monkeypatch) == wanted, f"{' '.join(command)}\n{capsys.readouterr()}"
            captured = capsys.readouterr()
            printed = captured.out + captured.err
        elif block.follows_console:
            missing = set(WORD.findall(block.text)) - set(WORD.findall(printed))
            assert not missing, f"shown and not printed: {sorted(missing)}\n{printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_are_of_a_kind_that_is_executed(page: Path) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, block.text
        assert re.fullmatch(r"|exits \d|not run: .+", block.mark), block.mark
        if block.language == "console":
            for line in block.text.replace("\\\n", " ").splitlines():
                assert line.startswith(("fieldstone ", *OTHER_COMMANDS)), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


def test_every_page_is_in_the_navigation_and_every_entry_is_a_page() -> None:
    named = set(re.findall(r"(\S+\.md)\s*$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    assert named == {page.name for page in PAGES[1:]}


def table(page: str, column: int = 0) -> list[list[str]]:
    """The cells of each row whose cell in that column begins with code."""
    lines = (ROOT / "docs" / page).read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    return [row for row in rows if row[column].startswith("`")]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_limits_are_those_of_the_code() -> None:
    shown = {code(row[0])[0]: float(row[1]) for row in table("formats.md")}
    assert shown == {item.name: item.default for item in dataclasses.fields(Limits)}


def test_formats_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "formats.md").read_text()
    for entry in formats():
        assert f"| {entry.name} | {' '.join(entry.extensions)} |" in text


def test_constants_of_the_evidence_are_those_of_the_code() -> None:
    for name, value, _ in table("evidence.md"):
        assert float(value) == getattr(evidence, code(name)[0]), name


def test_descriptors_are_those_of_the_code() -> None:
    shown = {code(row[0])[0]: int(row[1]) for row in table("descriptors.md")}
    assert shown == {name: encoders.get(name).dim for name in encoders.formulas()}


@pytest.mark.slow
def test_columns_are_those_of_a_filter(prepared: tuple[Path, Path]) -> None:
    shown = {name for row in table("filters.md") for name in code(row[0]) if re.fullmatch(r"\w+", name)}
    there = set(Library(prepared[1] / "parts.fieldstone").table().column_names)
    assert there - {f"{name}_mm" for name in LENGTHS} <= shown
    assert shown <= there


def test_dependencies_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    wanted = {re.split(r"[<>=\[]", one)[0] for one in named} - {"fieldstone"}
    shown = {name for row in table("dependencies.md") for cell in row[:2] for name in code(cell)}
    assert shown - {*project["optional-dependencies"]} == wanted


def test_figures_are_those_of_the_results() -> None:
    for row in table("figures.md", column=1):
        script, result, short = code(row[1])[0], LINK.findall(row[2]), row[3]
        assert (ROOT / "benchmarks" / script).exists(), script
        measured = (ROOT / "docs" / result[0]).resolve().read_text() if result else ""
        for number in re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"\d+[kM]:", "", short)):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", measured), f"{script}: {number}"
