"""Layers that two systems share (torch, extra `neural`); import the module of the layer you need."""

__all__: list[str] = []
