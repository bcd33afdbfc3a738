"""The papers' protocols and metrics: every table is a function from (data, methods) to rows."""

from fieldstone.evaluate.retrieval import Row, evaluate_retrieval

__all__ = ["Row", "evaluate_retrieval"]
