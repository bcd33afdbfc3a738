"""The pages: valid, self-contained, safe with hostile names, and telling what the rows say."""

import dataclasses
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from fieldstone.library.pages import (
    DuplicateGroup,
    HitView,
    QueryView,
    Refused,
    ReportData,
    UnitDoubt,
    render_hits,
    render_map_html,
    render_map_png,
    render_report,
)
from fieldstone.library.pages.health import findings
from fieldstone.library.pages.words import number, percent, size_of, storage
from fieldstone.library.shape import Evidence, Hit, Pose, Shape

EVIL = "</script></style><script>alert(1)</script>\"'><img src=http://evil.example/x onerror=alert(2)>&amp;\u2028"
TIMES = "\u00d7"
VOID = {"meta", "input", "img", "br", "link", "hr"}
SHAPES_IN_SVG = {"rect", "line", "circle", "path"}


def shape(i: int = 0, **changes: object) -> Shape:
    plain = Shape(
        id=f"{i:032x}", name=f"part {i}", source=f"models/part_{i}.stl", sources=(f"models/part_{i}.stl",),
        kind="mesh", parent=None, count=1, category="bracket", tags=(), unit="mm", up="z", n_vertices=8, n_faces=12,
        extents=(120.0, 45.0, 8.0), diagonal=128.4, area=1000.0, volume=500.0, watertight=True, oriented=True,
        n_bodies=1, n_degenerate=0, n_non_manifold=0, n_boundary=0, sign_confidence=1.0, notes=(),
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def webp(color: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (64, 64), (*color, 255)).save(out, "WEBP", lossless=True)
    return out.getvalue()


class Reader(HTMLParser):
    """Checks that tags close in order; collects tags, attributes and text outside of style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.code = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES_IN_SVG
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.code += data
        else:
            self.text += data


def check(page: str) -> Reader:
    """A page that parses, loads nothing, and lets no name become markup."""
    reader = Reader(page)
    names = [tag for tag, _ in reader.tags]
    assert names.count("html") == names.count("style") == 1
    assert names.count("script") <= 1
    assert "img" not in names
    assert "link" not in names
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    for address in re.findall(r"url\(([^)]*)\)", reader.code):
        assert address.startswith("data:image/webp;base64,")
    assert "@import" not in reader.code
    assert "fetch(" not in reader.code
    policy = next(a["content"] for t, a in reader.tags if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    return reader


def report(**changes: object) -> str:
    shapes = tuple(shape(i) for i in range(6))
    data = ReportData(title="parts", made="today", shapes=shapes, thumbnails={shapes[0].id: webp()})
    return render_report(dataclasses.replace(data, **changes))


def test_report_says_what_the_rows_say() -> None:
    shapes = (
        shape(0),
        shape(1, watertight=False, n_boundary=14),
        shape(2, n_degenerate=3, oriented=False),
        shape(3, n_non_manifold=7),
        shape(4, unit=None, diagonal=3.0),
        shape(5, kind="cloud", n_faces=0, n_vertices=900, area=None, volume=None, watertight=False, oriented=False),
    )
    group = DuplicateGroup(
        shapes=shapes[:2], evidence=(Evidence(kind="rescaled", text="rescaled by 25.4 (inch / mm)"),)
    )
    page = report(
        shapes=shapes,
        duplicates=(group,),
        doubts=(UnitDoubt(shape=shapes[4], text="inches, most likely"),),
        refused=(Refused(path="broken.stl", reason="ends after 3 faces"),),
        n_bytes=5_200_000,
    )
    text = check(page).text
    for words in ("14 open edges", "3 of 12 faces", "7 edges", "rescaled by 25.4 (inch / mm)", "inches, most likely",
                  "broken.stl", "ends after 3 faces", "5.2 MB", "900 points",
                  f"120 {TIMES} 45 {TIMES} 8 mm"):  # fmt: skip
        assert words in text, words
    assert "Showing" not in text


def test_report_of_an_empty_library() -> None:
    text = check(report(shapes=(), thumbnails={})).text
    assert "This library is empty" in text
    assert "None found" in text


def test_hostile_names_stay_text() -> None:
    bad = shape(1, name=EVIL, source=EVIL, sources=(EVIL,), category=EVIL, tags=(EVIL,), watertight=False)
    evidence = Evidence(kind="similar", text=EVIL)
    page = report(
        title=EVIL, made=EVIL, shapes=(bad, shape(2)), thumbnails={bad.id: webp()},
        duplicates=(DuplicateGroup(shapes=(bad, shape(2)), evidence=(evidence,)),),
        doubts=(UnitDoubt(shape=bad, text=EVIL),), refused=(Refused(path=EVIL, reason=EVIL),),
    )  # fmt: skip
    assert EVIL[:25] in check(page).text
    hit = Hit(shape=bad, score=0.5, distance=0.1, evidence=evidence, pose=None, residual=None)
    assert EVIL[:25] in check(render_hits(QueryView(name=EVIL, source=EVIL), [HitView(hit=hit, thumbnail=webp())])).text
    check(render_map_html(np.zeros((1, 2)), [bad], {bad.id: webp()}, title=EVIL))


def test_long_lists_are_cut_and_it_says_so() -> None:
    shapes = tuple(shape(i, watertight=False) for i in range(500))
    text = check(report(shapes=shapes, refused=tuple(Refused(path=f"{i}.stl", reason="x") for i in range(900)))).text
    assert "Showing 240 of 500 shapes" in text
    assert "Showing 40 of 500 shapes" in text
    assert "Showing 200 of 900 files" in text


def test_a_picture_is_stored_once() -> None:
    shapes = tuple(shape(i, watertight=False) for i in range(2))
    page = report(shapes=shapes, thumbnails={s.id: webp() for s in shapes})
    assert page.count("data:image/webp") == 2
    assert len(re.findall(r'class="thumb t0"', page)) == 2, "in the sheet and in the health table"


def test_same_rows_same_page() -> None:
    assert report() == report()


def test_findings_know_units() -> None:
    plain = [shape(i) for i in range(5)]
    small = shape(7, unit="m", diagonal=0.00001)
    same_size = shape(8, unit="m", diagonal=0.13)
    large = shape(9, unit="mm", diagonal=5e5)
    found = {f.key: {s.id for s, _ in f.shapes} for f in findings([*plain, small, same_size, large])}
    assert found == {"tiny": {small.id}, "gigantic": {large.id}}
    assert findings([]) == []


def test_hits_show_evidence_score_and_measures() -> None:
    pose = Pose(rotation=np.eye(3), translation=np.zeros(3), scale=25.4)
    hit = Hit(
        shape=shape(3, area=2000.0), score=0.9925, distance=0.125, residual=0.0021, pose=pose,
        evidence=Evidence(kind="part of", text="3 copies of the query inside", count=3),
    )  # fmt: skip
    query = QueryView(name="query part", source="q.stl", shape=shape(1), thumbnail=webp())
    page = render_hits(query, [HitView(hit=hit, thumbnail=webp(), overlay=webp())])
    text = check(page).text
    expected = (
        "query part", "part of", "3 copies of the query inside", "closer than 99.2 % of unrelated pairs",
        "0.21 % of the diagonal", f"2,000 mm² ({TIMES} 2)", "500 mm³ (same)", "in the found pose", f"{TIMES} 25.4",
    )  # fmt: skip
    for words in expected:
        assert words in text, words
    assert page.count("data:image/webp") == 3


def test_hits_of_words_and_no_hits() -> None:
    text = check(render_hits(QueryView(name="hinge left"), [])).text
    assert "0 hits" in text
    assert "Nothing in this library" in text
    other_unit = shape(4, unit="inch")
    hit = Hit(shape=other_unit, score=1.0, distance=0.0, residual=None, pose=None, evidence=Evidence(kind="identical"))
    text = check(render_hits(QueryView(name="q", shape=shape(1)), [HitView(hit=hit)])).text
    assert "closer than all unrelated pairs" in text
    assert "same" not in text.replace("same size", ""), "no ratio between unlike units"


def map_data(page: str) -> dict:
    return json.loads(re.search(r"const DATA = (.*);\n", page).group(1))


def test_map_page_holds_every_shape_and_its_picture() -> None:
    shapes = [shape(i, category=None if i % 2 else "gear") for i in range(30)]
    points = np.random.default_rng(0).normal(size=(30, 2)) * 1e5
    page = render_map_html(points, shapes, {s.id: webp() for s in shapes[:20]}, title="my parts")
    check(page)
    data = map_data(page)
    rows = data["rows"]
    assert [row[4] for row in rows] == [s.name for s in shapes]
    assert sorted(row[2] for row in rows[:20]) == list(range(20))
    assert {row[2] for row in rows[20:]} == {-1}
    places = np.array([row[:2] for row in rows])
    assert places.min() >= -1e-4
    assert places.max() <= 1 + 1e-4
    spread = (points - points.mean(0)) / np.ptp(points, axis=0).max()
    np.testing.assert_allclose(places - places.mean(0), spread, atol=1e-4)


@pytest.mark.parametrize(
    "points", [np.zeros((0, 2)), np.zeros((3, 2)), np.full((3, 2), np.nan), np.array([[0, 0], [1, np.inf], [2, 2]])]
)
def test_map_of_odd_places(points: np.ndarray) -> None:
    shapes = [shape(i) for i in range(len(points))]
    thumbnails = {s.id: webp() for s in shapes}
    rows = map_data(render_map_html(points, shapes, thumbnails))["rows"]
    assert all(0 <= value <= 1 for row in rows for value in row[:2])
    assert render_map_png(points, shapes, thumbnails, size=100, cell=20).shape == (100, 100, 4)


def test_map_picture_never_overlaps_and_keeps_north_up() -> None:
    shapes = [shape(0), shape(1), shape(2)]
    colors = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    thumbnails = {s.id: webp(c) for s, c in zip(shapes, colors, strict=True)}
    image = render_map_png(np.array([[0, 0], [0, 0], [1.0, 1.0]]), shapes, thumbnails, size=200, cell=20)
    counts = [int((image[..., :3] == color).all(-1).sum()) for color in colors]
    assert counts == [400, 400, 400], "two at one place stand beside each other"
    blue = np.argwhere((image[..., :3] == colors[2]).all(-1)).mean(0)
    red = np.argwhere((image[..., :3] == colors[0]).all(-1)).mean(0)
    assert blue[0] < red[0], "a larger y is higher up"
    assert blue[1] > red[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.0, "3"), (3.14159, "3.14"), (12.345, "12.3"), (1234.5, "1,234"), (0.0123, "0.0123"), (1e7, "1e7"),
     (1.25e-6, "1.25e-6"), (-2.5, "-2.5"), (120.0, "120")],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_words() -> None:
    assert percent(0.99999) == "99.9 %"
    assert percent(1.0) == "100 %"
    assert percent(0.5) == "50 %"
    assert percent(0.992) == "99.2 %"
    assert storage(5_210) == "5.21 kB"
    assert size_of(shape(unit=None)) == f"120 {TIMES} 45 {TIMES} 8"
