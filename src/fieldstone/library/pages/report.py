"""The report of a library: what is in it, what is broken, what is there twice, what was refused; one HTML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from fieldstone.library.pages.chart import size_histogram
from fieldstone.library.pages.frame import Pictures, asset, page, shown
from fieldstone.library.pages.health import Finding, findings, millimetres
from fieldstone.library.pages.words import count, number, size_of, storage
from fieldstone.library.shape import Evidence, Shape

__all__ = ["DuplicateGroup", "Refused", "ReportData", "UnitDoubt", "render_report"]

MOST_CARDS, MOST_ROWS, MOST_GROUPS, MOST_IN_GROUP = 240, 40, 60, 8
"""How much is shown of each list; the page says so where there is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDoubt:
    """A shape whose unit looks wrong, and why, in one line."""

    shape: Shape
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateGroup:
    """Shapes that are one: the first is the one to keep, and each other has the evidence that ties it to the first."""

    shapes: tuple[Shape, ...]
    evidence: tuple[Evidence, ...]
    """One for each shape but the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that did not become a shape, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Everything that a report tells."""

    title: str
    """The library's name."""
    made: str
    """When, as a person reads it."""
    shapes: tuple[Shape, ...]
    thumbnails: Mapping[str, bytes]
    """WebP by shape id; shapes without one get an empty well."""
    duplicates: tuple[DuplicateGroup, ...] = ()
    doubts: tuple[UnitDoubt, ...] = ()
    refused: tuple[Refused, ...] = ()
    n_bytes: int | None = None
    """Size of the library on disk."""


def render_report(data: ReportData) -> str:
    """The report as one self-contained HTML page: it loads nothing from anywhere; every name in it is escaped."""
    pictures = Pictures(data.thumbnails)
    trouble = findings(data.shapes)
    sections = [
        _sheet(data.shapes, pictures),
        _health(data.shapes, trouble, pictures),
        _doubts(data.doubts, pictures),
        _duplicates(data.duplicates, pictures),
        _sizes(data.shapes),
        _refused(data.refused),
    ]
    body = (
        f"<main><header><h1>{escape(data.title)}</h1>"
        f'<p class="soft">Fieldstone report, {escape(data.made)}</p></header>'
        f"{_summary(data, trouble)}{''.join(sections)}"
        "<footer>One file, nothing loaded from elsewhere. Sizes are in each file's own unit.</footer></main>"
    )
    return page(f"{data.title}: report", body, style=asset("report.css") + pictures.style(), script=asset("report.js"))


def _summary(data: ReportData, trouble: Sequence[Finding]) -> str:
    broken = {shape.id for finding in trouble for shape, _ in finding.shapes}
    spare = sum(len(group.shapes) - 1 for group in data.duplicates)
    tiles = [
        ("shapes", f"{len(data.shapes):,}", "shapes", ""),
        ("shapes", f"{sum(len(s.sources) for s in data.shapes):,}", "files and parts", ""),
        ("shapes", f"{sum(s.n_faces for s in data.shapes):,}", "faces", ""),
        ("health", f"{len(broken):,}", "with findings", "warn" if broken else "good"),
        ("units", f"{len(data.doubts):,}", "doubtful units", "warn" if data.doubts else "good"),
        ("duplicates", f"{spare:,}", "spare copies", "warn" if spare else "good"),
        ("refused", f"{len(data.refused):,}", "refused", "bad" if data.refused else "good"),
    ]
    if data.n_bytes is not None:
        tiles.insert(3, ("shapes", storage(data.n_bytes), "on disk", ""))
    cells = "".join(
        f'<a class="card tile" href="#{anchor}"><b class="num {tone}">{value}</b><span>{label}</span></a>'
        for anchor, value, label, tone in tiles
    )
    return f'<nav class="tiles">{cells}</nav>'


def _sheet(shapes: Sequence[Shape], pictures: Pictures) -> str:
    cards = "".join(_card(shape, pictures) for shape in shapes[:MOST_CARDS])
    empty = '<p class="soft">This library is empty: <code>fieldstone add</code> puts shapes in.</p>'
    tools = (
        '<div class="tools"><input id="filter" type="search" placeholder="Filter by name, path or tag" '
        'aria-label="Filter the shapes"><select id="order" aria-label="Order"><option value="">as added</option>'
        '<option value="name">by name</option><option value="size">by size</option>'
        '<option value="faces">by faces</option></select>'
        '<span id="count" class="soft small" aria-live="polite"></span></div>'
    )
    more = '<button id="more" type="button" hidden>Show all</button>'
    inside = f'{tools}<div class="cards" id="cards">{cards}</div>{more}' if shapes else empty
    return _section("shapes", "Shapes", shown(MOST_CARDS, len(shapes), "shapes") + inside)


def _section(key: str, title: str, inside: str) -> str:
    return f'<section id="{key}"><h2>{title}</h2>{inside}</section>'


def _says(text: str) -> str:
    return f'<p class="soft">{escape(text)}</p>'


def _card(shape: Shape, pictures: Pictures) -> str:
    words = " ".join([shape.name, shape.source, shape.category or "", *shape.tags]).casefold()
    amount = count(shape.n_faces, "face") if shape.kind == "mesh" else count(shape.n_vertices, "point")
    kind = f'<span class="badge">{escape(shape.category)}</span>' if shape.category else ""
    copies = f'<span class="badge">{count(len(shape.sources), "file")}</span>' if len(shape.sources) > 1 else ""
    return (
        f'<article class="card shape" data-words="{escape(words)}" data-name="{escape(shape.name.casefold())}" '
        f'data-size="{shape.diagonal:.6g}" data-faces="{shape.n_faces}" title="{escape(shape.source)}">'
        f'{pictures.show(shape.id, shape.name)}<div class="about"><h3>{escape(shape.name)}</h3>'
        f'<p class="soft small">{escape(size_of(shape))}<br>{amount}</p>'
        f'<p class="badges">{kind}{copies}</p></div></article>'
    )


def _row(shape: Shape, detail: str, pictures: Pictures) -> str:
    return (
        f'<tr><td class="pic">{pictures.show(shape.id, shape.name)}</td><td><h3>{escape(shape.name)}</h3>'
        f'<p class="path">{escape(shape.source)}</p></td><td class="small">{escape(detail)}</td>'
        f'<td class="small soft size">{escape(size_of(shape))}</td></tr>'
    )


def _health(shapes: Sequence[Shape], trouble: Sequence[Finding], pictures: Pictures) -> str:
    if not trouble:
        return _section("health", "Health", _says("Every mesh is watertight and oriented, and has no odd faces."))
    blocks = []
    for finding in trouble:
        n = len(finding.shapes)
        share = f"{count(n, 'shape')}, {number(100 * n / len(shapes))} %"
        rows = "".join(_row(shape, detail, pictures) for shape, detail in finding.shapes[:MOST_ROWS])
        blocks.append(
            f'<details class="card" id="{finding.key}"><summary><b>{escape(finding.title)}</b>'
            f'<span class="num soft">{share}</span><span class="soft small">{escape(finding.meaning)}</span></summary>'
            f'{shown(MOST_ROWS, n, "shapes")}<div class="scroll"><table>{rows}</table></div></details>'
        )
    stack = f'<div class="stack">{"".join(blocks)}</div>'
    return _section("health", "Health", _says("Found while reading; no file was changed.") + stack)


def _doubts(doubts: Sequence[UnitDoubt], pictures: Pictures) -> str:
    title = "Units that look wrong"
    if not doubts:
        return _section("units", title, _says("None."))
    rows = "".join(_row(doubt.shape, doubt.text, pictures) for doubt in doubts[:MOST_ROWS])
    table = f'<div class="card scroll"><table>{rows}</table></div>'
    return _section("units", title, shown(MOST_ROWS, len(doubts), "shapes") + table)


def _duplicates(groups: Sequence[DuplicateGroup], pictures: Pictures) -> str:
    if not groups:
        return _section("duplicates", "Duplicates", _says("None found."))
    blocks = "".join(_group(group, pictures) for group in groups[:MOST_GROUPS])
    text = "Each group is one shape; every copy says how it is tied to the first. Nothing was deleted."
    inside = f'{_says(text)}{shown(MOST_GROUPS, len(groups), "groups")}<div class="stack">{blocks}</div>'
    return _section("duplicates", "Duplicates", inside)


def _group(group: DuplicateGroup, pictures: Pictures) -> str:
    first, copies = group.shapes[0], list(zip(group.shapes[1:], group.evidence, strict=True))
    cells = [_member(first, '<span class="badge">first</span>', "", pictures)]
    for shape, evidence in copies[: MOST_IN_GROUP - 1]:
        badge = f'<span class="badge {evidence.kind.split()[0]}">{escape(evidence.kind)}</span>'
        cells.append(_member(shape, badge, evidence.text, pictures))
    more = shown(MOST_IN_GROUP, len(group.shapes), "in this group")
    return f'<div class="card group"><div class="members">{"".join(cells)}</div>{more}</div>'


def _member(shape: Shape, badge: str, text: str, pictures: Pictures) -> str:
    return (
        f'<div class="member">{pictures.show(shape.id, shape.name)}<p>{badge}</p><h3>{escape(shape.name)}</h3>'
        f'<p class="small">{escape(text)}</p><p class="path">{escape(shape.source)}</p></div>'
    )


def _sizes(shapes: Sequence[Shape]) -> str:
    known = [mm for mm in map(millimetres, shapes) if mm is not None]
    unknown = [shape.diagonal for shape in shapes if shape.unit is None]
    chart = size_histogram(known, unknown)
    if not chart:
        return ""
    legend = (
        f'<p class="small legend"><i class="known"></i> unit known, in mm ({len(known):,}) '
        f'<i class="unknown"></i> unit unknown, as written ({len(unknown):,})</p>'
    )
    drawing = f'<div class="card chart">{chart}{legend}</div>'
    return _section("sizes", "Sizes", _says("Diagonal of the bounding box.") + drawing)


def _refused(refused: Sequence[Refused]) -> str:
    if not refused:
        return _section("refused", "Refused files", _says("None: every file became a shape."))
    rows = "".join(
        f'<tr><td class="path">{escape(item.path)}</td><td class="small">{escape(item.reason)}</td></tr>'
        for item in refused[: 5 * MOST_ROWS]
    )
    table = f'<div class="card scroll"><table><tr><th>file</th><th>why</th></tr>{rows}</table></div>'
    return _section("refused", "Refused files", shown(5 * MOST_ROWS, len(refused), "files") + table)
