"""The measured results in `benchmarks/results/` become pages of the site; links to them keep working in the repository."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add each result, and its pictures, as `results/NAME`, or `results/FOLDER/NAME` where it has a folder of its own."""
    for path in sorted(path for kind in ("md", "png", "svg") for path in RESULTS.rglob(f"*.{kind}")):
        name = path.relative_to(RESULTS).as_posix()
        files.append(File.generated(config, f"results/{name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Point links into the repository at these pages."""
    return markdown.replace("](../benchmarks/results/", "](results/")
