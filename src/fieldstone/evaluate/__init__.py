"""The papers' protocols and metrics: every table is a function from (data, methods) to rows."""

from typing import TYPE_CHECKING, Any

from fieldstone.evaluate.retrieval import Labelled, Method, Row, evaluate_retrieval, retrieval_table

if TYPE_CHECKING:
    from fieldstone.evaluate.of_library import evaluate_library
    from fieldstone.evaluate.tuned import plan_tuning, tune

__all__ = [
    "Labelled",
    "Method",
    "Row",
    "evaluate_library",
    "evaluate_retrieval",
    "plan_tuning",
    "retrieval_table",
    "tune",
]

HOMES = {"evaluate_library": "of_library", "plan_tuning": "tuned", "tune": "tuned"}
"""What reads a library loads when it is used: metrics need no database."""


def __getattr__(name: str) -> Any:
    if name in HOMES:
        from importlib import import_module

        return getattr(import_module(f"fieldstone.evaluate.{HOMES[name]}"), name)
    raise AttributeError(f"module 'fieldstone.evaluate' has no attribute '{name}'")
