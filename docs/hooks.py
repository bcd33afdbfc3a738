"""The measured results in `benchmarks/results/` become pages of the site; links to them keep working in the repository."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add each result, and its picture, as `results/NAME`."""
    for path in sorted(path for kind in ("md", "png", "svg") for path in RESULTS.glob(f"*.{kind}")):
        files.append(File.generated(config, f"results/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Point links into the repository at these pages."""
    return markdown.replace("](../benchmarks/results/", "](results/")
