"""INRet's tables on our shapes, in its layout, the paper's figures in brackets. Each is a function from a study to Markdown."""

__all__: list[str] = []
