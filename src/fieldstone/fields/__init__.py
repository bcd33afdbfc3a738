"""One shape, one neural field: fit, ask, mesh, draw, keep."""

__all__: list[str] = []
