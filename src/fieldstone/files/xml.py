"""XML from strangers: no document type, so no entities; no network; a bounded number of elements."""

import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from fieldstone.files.source import Source

__all__ = ["parse", "size", "strings"]

DECLARED = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252", "iso-8859-15"}


def parse(source: Source, data: bytes, what: str) -> Any:
    """The root element; raises BrokenFile for malformed text and for any document type declaration.

    `what` is how messages call it: "its WHAT is not well-formed XML".
    """
    text = _as_utf8(source, data)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise source.broken(f"its {what} declares a document type, which this format never needs; export it again")
    source.check("elements", size(text), "XML elements and attributes")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        detail = str(error).split(" (<string>")[0].splitlines()[0][:120] if str(error) else "nothing in it"
        raise source.broken(f"its {what} is not well-formed XML ({detail}); export it again") from error


def size(text: bytes) -> int:
    """Elements and attributes of a document, at most; each takes some 200 bytes once it is parsed."""
    return text.count(b"<") - text.count(b"</") + text.count(b"=")


def _as_utf8(source: Source, data: bytes) -> bytes:
    """The text in UTF-8, whatever of the common encodings it is in."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
        declared = DECLARED.match(data)
        encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
        if encoding not in ENCODINGS:
            raise source.broken(f"is XML in the encoding {encoding!r}, which is not read; save it as UTF-8")
        if encoding in ("utf-8", "utf8"):
            return data
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        raise source.broken(f"is not the {encoding} text that it says it is; export it again") from error


def strings(element: Any, path: str, namespaces: dict[str, str]) -> list[str]:
    """Every attribute value or text that an XPath finds, in document order."""
    found: list[str] = element.xpath(path, namespaces=namespaces, smart_strings=False)
    return found
