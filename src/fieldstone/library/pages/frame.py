"""What every page shares: the frame of the file, its look, and pictures, each stored once however often it is shown.

A page loads nothing: style, script and pictures are inside, and its content security policy forbids everything else.
"""

import base64
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

__all__ = ["Pictures", "asset", "page", "shown"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@cache
def asset(name: str) -> str:
    """A style sheet or script of this package."""
    return (files("fieldstone.library.pages") / "assets" / name).read_text(encoding="utf-8")


class Pictures:
    """The pictures that a page uses: each is written once, as the background of a class."""

    def __init__(self, thumbnails: Mapping[str, bytes]) -> None:
        self._thumbnails = thumbnails
        self._used: dict[str, int] = {}

    def show(self, key: str, name: str) -> str:
        """The element that shows the picture `key` (a shape's id), or an empty well where there is none."""
        label = escape(name, quote=True)
        if key not in self._thumbnails:
            return f'<span class="thumb none" role="img" aria-label="{label} (no picture)"></span>'
        number = self._used.setdefault(key, len(self._used))
        return f'<span class="thumb t{number}" role="img" aria-label="{label}"></span>'

    def style(self) -> str:
        """The style sheet of the pictures shown so far."""
        return "\n".join(
            f".t{number} {{ background-image: url({_data_uri(self._thumbnails[key])}) }}"
            for key, number in self._used.items()
        )


def _data_uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode('ascii')}"


def page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """A whole HTML file. `title` is text; `body`, `style` and `script` are trusted markup."""
    code = f"<script>{script}</script>\n" if script else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>{asset('page.css')}{style}</style>\n</head>\n<body>\n{body}\n{code}</body>\n</html>\n"
    )


def shown(part: int, whole: int, what: str) -> str:
    """`Showing 60 of 312 shapes.` where not all are; nothing where all are."""
    return f'<p class="soft small">Showing {part:,} of {whole:,} {escape(what)}.</p>' if part < whole else ""
