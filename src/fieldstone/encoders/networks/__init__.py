"""The encoders' networks (torch, extra `neural`): one network, one file; import the module of the one you need."""

__all__: list[str] = []
