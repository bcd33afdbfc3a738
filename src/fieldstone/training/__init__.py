"""How encoders learn (torch, extra `neural`): classification, VICReg, multi-modal contrast; import the module you need."""

__all__: list[str] = []
