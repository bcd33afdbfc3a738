"""`fieldstone samples`."""

from pathlib import Path
from typing import Annotated

import typer

from fieldstone.cli.console import say
from fieldstone.errors import FileError

__all__ = ["samples"]


def samples(
    folder: Annotated[Path, typer.Argument(help="Where to write them; one folder a category.")],
    count: Annotated[int, typer.Option("-n", min=1, help="How many shapes.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other shapes.")] = 0,
) -> None:
    """Write sample shapes of our own generator, to try things on."""
    from fieldstone.samples import write

    try:
        paths = write(folder, count, seed=seed)
    except OSError as error:
        raise FileError(folder, f"cannot be written to ({error.strerror}); name another folder") from error
    say(f"wrote {len(paths)} shapes into {folder}")
