"""The command line: `fieldstone VERB LIBRARY ...`, one file a verb, no logic that the Python API lacks."""

__all__ = ["main"]


def main() -> None:
    """Run the command line. An error of ours is one line on standard error and exit status 1."""
    import sys

    from fieldstone.cli.app import app
    from fieldstone.cli.console import complain
    from fieldstone.errors import FieldstoneError

    try:
        app()
    except FieldstoneError as error:
        complain(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        complain("interrupted; what was committed stays, and the same command goes on from there")
        sys.exit(130)
    except BrokenPipeError:  # `fieldstone show ... | head`
        sys.stderr.close()
        sys.exit(0)
