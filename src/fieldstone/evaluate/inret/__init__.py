"""INRet's protocol (arXiv 2501.15722): fields of every function and architecture, searched in one latent."""

from fieldstone.evaluate.inret.listed import listed
from fieldstone.evaluate.inret.shapes import Selection, Shape, samples10

__all__ = ["Selection", "Shape", "listed", "samples10"]
