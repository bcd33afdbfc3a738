"""Our hot loops: compiled array functions, each beside a plain reference; import the module of the loop you need."""

__all__: list[str] = []
