"""INRet's tables by number: what each shows, where the paper has it, and which of them a run makes unless told."""

from collections.abc import Callable
from dataclasses import dataclass

from fieldstone.evaluate.inret.fitted import DISTILLED
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.reconstruction import VERSION as MEASURED
from fieldstone.evaluate.inret.study import Study
from fieldstone.evaluate.inret.tables import chamfer, choices, conversion, found, functions, quality

__all__ = ["TABLES", "Table", "usual"]

ALL, GRAND = ("tiny", "small", "full"), ("full",)
BOTH: tuple[Dataset, ...] = ("ShapeNet10", "Pix3D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One of the paper's tables on our shapes."""

    number: int
    title: str
    section: str
    """Of the paper."""
    make: Callable[[Study], str]
    """The table as Markdown; its docstring says what it shows and what was chosen."""
    scales: tuple[str, ...]
    """At which it is made unless tables are named."""
    version: int = 0
    """Of what it is made of beyond what all are (report.py: VERSIONS)."""
    roles: tuple[Dataset, ...] = ("ShapeNet10",)
    """Of selections for which it is made unless tables are named."""


_EVERY = (
    Table(number=1, title="Retrieval of signed distances, and its speed", section="5.2", make=found.table1,
          scales=ALL, roles=BOTH),
    Table(number=2, title="Fields that are an MLP alone as queries", section="5.3", make=found.table2,
          scales=GRAND, version=DISTILLED, roles=BOTH),
    Table(number=3, title="Retrieval across implicit functions", section="5.4", make=functions.table3, scales=ALL),
    Table(number=4, title="What the regularisations do", section="5.4", make=functions.table4, scales=ALL),
    Table(number=5, title="More figures of Table 1", section="B.1", make=found.table5, scales=GRAND),
    Table(number=6, title="More figures of Table 1, beside Pix3D's", section="B.1", make=found.table6,
          scales=ALL, roles=("Pix3D",)),
    Table(number=7, title="Retrieval across implicit functions, beside Pix3D's", section="B.2", make=functions.table7,
          scales=ALL, roles=("Pix3D",)),
    Table(number=8, title="The query's own shape may be found", section="B.2", make=functions.table8, scales=GRAND),
    Table(number=9, title="How long conversion takes", section="B.2", make=conversion.table9, scales=ALL),
    Table(number=10, title="Other architectures", section="B.3", make=choices.table10, scales=GRAND),
    Table(number=11, title="What the common decoder says", section="B.4", make=choices.table11, scales=GRAND),
    Table(number=12, title="Weights of the L2 regularisation", section="B.5", make=choices.table12, scales=GRAND),
    Table(number=13, title="The common decoder's error", section="B.6", make=choices.table13, scales=GRAND),
    Table(number=14, title="Levels summed or concatenated", section="B.7", make=choices.table14, scales=GRAND),
    Table(number=15, title="How well fields keep shapes", section="C.1", make=quality.table15, scales=GRAND,
          version=MEASURED, roles=BOTH),
    Table(number=16, title="Fields that were fitted less", section="C.1", make=quality.table16, scales=GRAND,
          version=MEASURED),
    Table(number=17, title="Category-Chamfer by cosine", section="E.1", make=chamfer.table17, scales=ALL),
    Table(number=18, title="Category-Chamfer by distance", section="E.2", make=chamfer.table18, scales=ALL),
)  # fmt: skip
TABLES = {table.number: table for table in _EVERY}
"""By the paper's number."""


def usual(study: Study) -> tuple[int, ...]:
    """Numbers of the tables that are made of a study unless others are asked for: those of its scale, and of the paper's
    data in whose role its shapes stand."""
    role, scale = study.selection.role, study.scale.name
    return tuple(table.number for table in _EVERY if scale in table.scales and role in table.roles)
