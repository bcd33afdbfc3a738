"""The answer to a search as one HTML file: the query, and each hit with its evidence, its measures and an overlay."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fieldstone.library.pages.frame import Pictures, asset, page
from fieldstone.library.pages.words import count, measures, number, percent
from fieldstone.library.shape import Hit, Shape

__all__ = ["HitView", "QueryView", "render_hits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryView:
    """What was asked: a shape with its row and thumbnail (WebP), or words with neither."""

    name: str
    """The file's stem, or the words."""
    source: str = ""
    """The file's path."""
    shape: Shape | None = None
    thumbnail: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """A hit, its thumbnail, and query and hit overlaid in the found pose (WebP)."""

    hit: Hit
    thumbnail: bytes | None = None
    overlay: bytes | None = None


def render_hits(query: QueryView, hits: Sequence[HitView]) -> str:
    """The hits, best first, as one self-contained HTML page: it loads nothing; every name in it is escaped."""
    stored = {"query": query.thumbnail} | {
        f"{kind}{i}": data
        for i, view in enumerate(hits)
        for kind, data in (("hit", view.thumbnail), ("over", view.overlay))
    }
    pictures = Pictures({key: data for key, data in stored.items() if data is not None})
    overlaid = any(view.overlay is not None for view in hits)
    legend = (
        '<p class="small soft key">Overlay: <i class="q"></i> query <i class="h"></i> hit <i class="b"></i> both</p>'
        if overlaid
        else ""
    )
    cards = "".join(_hit(i, view, query, pictures) for i, view in enumerate(hits))
    answers = cards or '<p class="soft">Nothing in this library answers that; a filter may be too narrow.</p>'
    body = (
        f"<main>{_query(query, pictures)}<section><h2>{count(len(hits), 'hit')}</h2>{legend}"
        f'<div class="hits">{answers}</div></section>'
        "<footer>One file, nothing loaded from elsewhere. A score says how many unrelated pairs of this library are "
        "farther apart than query and hit.</footer></main>"
    )
    return page(f"{query.name}: hits", body, style=asset("hits.css") + pictures.style())


def _query(query: QueryView, pictures: Pictures) -> str:
    picture = f'<div class="asked">{pictures.show("query", query.name)}</div>' if query.thumbnail is not None else ""
    facts = _facts(measures(query.shape)) if query.shape is not None else ""
    return (
        f'<header class="query card">{picture}<div><p class="soft small">Query</p><h1>{escape(query.name)}</h1>'
        f'<p class="path">{escape(query.source)}</p>{facts}</div></header>'
    )


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    pairs = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f'<dl class="facts">{pairs}</dl>'


def _hit(i: int, view: HitView, query: QueryView, pictures: Pictures) -> str:
    hit, shape = view.hit, view.hit.shape
    frames = [_framed(pictures.show(f"hit{i}", shape.name), "hit")]
    if view.overlay is not None:
        frames.append(
            _framed(pictures.show(f"over{i}", f"{query.name} and {shape.name} overlaid"), "in the found pose")
        )
    kind = hit.evidence.kind
    badge = f'<span class="badge {kind.split()[0]}">{escape(kind)}</span>'
    labels = " ".join(
        f'<span class="badge">{escape(label)}</span>' for label in [shape.category or "", *shape.tags] if label
    )
    width = max(0.0, min(1.0, hit.score)) * 100
    return (
        f'<article class="card hit"><div class="frames">{"".join(frames)}</div><div class="text">'
        f'<p class="top"><span class="rank num">{i + 1}</span>{badge}{labels}</p><h3>{escape(shape.name)}</h3>'
        f'<p class="path">{escape(shape.source)}</p><p>{escape(hit.evidence.text)}</p>'
        f'<div class="score" aria-hidden="true"><i style="width:{width:.1f}%"></i></div>'
        f'<p class="small soft">{_score(hit.score)}</p>{_numbers(hit)}'
        f"{_facts(_compared(shape, query.shape))}</div></article>"
    )


def _score(score: float) -> str:
    return "closer than all unrelated pairs" if score >= 1 else f"closer than {percent(score)} of unrelated pairs"


def _framed(picture: str, caption: str) -> str:
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _numbers(hit: Hit) -> str:
    rows = [("distance", number(hit.distance))]
    if hit.residual is not None:
        rows.insert(0, ("residual", f"{number(100 * hit.residual)} % of the diagonal"))
    if hit.pose is not None and abs(hit.pose.scale - 1) > 1e-3:
        rows.append(("scale", f"× {number(hit.pose.scale)}"))  # noqa: RUF001
    return _facts(rows)


def _compared(shape: Shape, query: Shape | None) -> list[tuple[str, str]]:
    """The hit's measures; of those that the query has too, with the ratio to the query's."""
    rows = measures(shape)
    if query is None or shape.unit != query.unit:
        return rows
    ratios = {"diagonal": (shape.diagonal, query.diagonal), "area": (shape.area, query.area),
              "volume": (shape.volume, query.volume)}  # fmt: skip
    out = []
    for name, value in rows:
        ours, theirs = ratios.get(name, (None, None))
        if ours is not None and theirs:
            value = f"{value} ({_ratio(ours / theirs)})"
        out.append((name, value))
    return out


def _ratio(value: float) -> str:
    return "same" if abs(value - 1) < 5e-4 else f"× {number(value)}"  # noqa: RUF001
