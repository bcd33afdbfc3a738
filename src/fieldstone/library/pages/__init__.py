"""Pages for a person: report, hits, map. Pure functions from plain rows to one file."""

from fieldstone.library.pages.hits import HitView, QueryView, render_hits
from fieldstone.library.pages.map import render_map_html, render_map_png
from fieldstone.library.pages.report import DuplicateGroup, Refused, ReportData, UnitDoubt, render_report

__all__ = [
    "DuplicateGroup",
    "HitView",
    "QueryView",
    "Refused",
    "ReportData",
    "UnitDoubt",
    "render_hits",
    "render_map_html",
    "render_map_png",
    "render_report",
]
