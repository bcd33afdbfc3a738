"""`python -m fieldstone` is `fieldstone`."""

from fieldstone.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
