"""The command line: `fieldstone VERB LIBRARY ...`, one file a verb, no logic that the Python API lacks."""

__all__ = ["main"]


def main() -> None:
    """Run the command line. An error of ours is one line on standard error and exit status 1."""
    import sys

    from fieldstone.cli.app import app
    from fieldstone.cli.console import complain
    from fieldstone.errors import FieldstoneError

    for argument in sys.argv[1:]:
        if any("\ud800" <= c <= "\udfff" for c in argument):
            complain(f"{argument} is not UTF-8; rename the file, or name its folder")
            sys.exit(2)
    try:
        app()
    except FieldstoneError as error:
        complain(str(error))
        sys.exit(1)
    finally:
        _flush()


def _flush() -> None:
    """Send what is left to standard output; nobody may be listening (`fieldstone show ... | head`)."""
    import os
    import sys

    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
