"""`--where`: a small filter language over the columns of a catalog, evaluated on Arrow arrays.

    volume < 20 and category = 'bracket'          not watertight or n_bodies > 1
    name like '%hinge%' and unit is not null      diagonal_mm between 10 and 50
    category in ('bolt', 'nut')                   tags = 'checked'   (holds that tag)

A comparison with an unknown value (null) does not hold, and neither does its opposite. A note counts the shapes that are
left out because a number is unknown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Bool

from fieldstone.errors import QueryError
from fieldstone.library.catalog import LENGTHS

__all__ = ["Filtered", "apply"]

TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<word>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,))"
)
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": pc.equal, "!=": pc.not_equal, "<>": pc.not_equal,
    "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip
KEYWORDS = {"and", "or", "not", "in", "like", "is", "null", "between", "true", "false"}
WHY_UNKNOWN = {"volume": "not closed", "area": "a point cloud", "sign_confidence": "a point cloud"}
MAX_LENGTH, MAX_DEPTH = 10_000, 50


@dataclass(frozen=True, slots=True)
class Filtered:
    """The rows for which a filter holds, and what a user should know about it."""

    keep: Bool[np.ndarray, "n"]
    notes: tuple[str, ...]


def apply(table: pa.Table, where: str) -> Filtered:
    """Evaluate a filter over a catalog's table. Raises QueryError, with the place and what was expected."""
    parser = _Parser(table, where)
    mask = parser.parse()
    keep = pc.fill_null(mask, False).to_numpy(zero_copy_only=False).astype(bool)
    return Filtered(keep, tuple(_unit_notes(table, parser.columns) + _unknown_notes(table, keep, parser.compared)))


def _unit_notes(table: pa.Table, columns: set[str]) -> list[str]:
    notes = []
    own = sorted(columns & LENGTHS.keys())
    unknown = pc.sum(pc.is_null(table["unit"])).as_py() or 0
    units = sorted(u for u in table["unit"].unique().to_pylist() if u)
    if own and ((unknown and units) or len(units) > 1):
        mixed = ", ".join(units + ["unknown"] * bool(unknown))
        notes.append(
            f"{', '.join(own)} is in each file's own unit, and this library mixes {mixed}; "
            f"{', '.join(f'{name}_mm' for name in own)} compares in millimetres"
        )
    return notes


def _unknown_notes(table: pa.Table, keep: Bool[np.ndarray, "n"], compared: dict[str, str]) -> list[str]:
    """One note on the shapes that are not kept and whose compared number is unknown."""
    told = []
    for name, comparison in compared.items():
        missing = pc.is_null(table[name]).to_numpy() & ~keep
        unitless = pc.is_null(table["unit"]).to_numpy() & missing & name.endswith("_mm")
        measure = name.removesuffix("_mm")
        reason = f" ({WHY_UNKNOWN[measure]})" if measure in WHY_UNKNOWN else ""
        parts = [f"{_shapes(missing & ~unitless)} without {measure}{reason}"] * bool((missing & ~unitless).any())
        parts += [f"{_shapes(unitless)} without unit (state it with `fieldstone add --unit`)"] * bool(unitless.any())
        told += [f"left out of {comparison}: {', '.join(parts)}"] * bool(parts)
    return ["; ".join(told)] if told else []


def _shapes(rows: Bool[np.ndarray, "n"]) -> str:
    return "1 shape" if rows.sum() == 1 else f"{rows.sum()} shapes"


class _Parser:
    """Recursive descent: or, and, not, comparison."""

    def __init__(self, table: pa.Table, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise QueryError(f"the filter has {len(text)} characters; {MAX_LENGTH} are allowed")
        self.table, self.text, self.columns = table, text, set[str]()
        self.compared = dict[str, str]()
        """The first comparison with each column of numbers, as it was written; `is null` is none."""
        self.tokens, self.at, self.depth = self._tokens(), 0, 0

    def _tokens(self) -> list[tuple[str, str]]:
        found, end = [], 0
        while self.text[end:].strip():
            match = TOKEN.match(self.text, end)
            if match is None:
                raise QueryError(
                    f"the filter cannot be read at '{self.text[end : end + 20].strip()}'; texts go in 'quotes'"
                )
            kind = str(match.lastgroup)
            found.append((kind, match[kind]))
            end = match.end()
        return found

    def _fail(self, expected: str) -> QueryError:
        place = f"'{self.tokens[self.at][1]}'" if self.at < len(self.tokens) else "its end"
        return QueryError(f'the filter "{self.text}" expects {expected} at {place}')

    def _accept(self, *words: str) -> str | None:
        if self.at < len(self.tokens):
            kind, value = self.tokens[self.at]
            if kind in ("word", "sign") and value.lower() in words:
                self.at += 1
                return value.lower()
        return None

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._fail(f"'{word}'")

    def parse(self) -> Any:
        mask = self._either()
        if self.at < len(self.tokens):
            raise self._fail("'and', 'or' or nothing more")
        return mask

    def _either(self) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"the filter is nested more than {MAX_DEPTH} deep; write it flatter")
        mask = self._both()
        while self._accept("or"):
            mask = pc.or_kleene(mask, self._both())
        self.depth -= 1
        return mask

    def _both(self) -> Any:
        mask = self._negated()
        while self._accept("and"):
            mask = pc.and_kleene(mask, self._negated())
        return mask

    def _negated(self) -> Any:
        flip = False
        while self._accept("not"):
            flip = not flip
        if self._accept("("):
            mask = self._either()
            self._expect(")")
        else:
            mask = self._comparison()
        return pc.invert(mask) if flip else mask

    def _comparison(self) -> Any:
        start, name = self.at, self._column()
        mask = self._test(name)
        words = [value for _, value in self.tokens[start : self.at]]
        kind = self.table[name].type
        if words[-1].lower() != "null" and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            self.compared.setdefault(name, " ".join(words))
        return mask

    def _test(self, name: str) -> Any:
        column = self.table[name].combine_chunks()
        if pa.types.is_integer(column.type):
            column = column.cast(pa.float64())
        for sign, compare in COMPARE.items():
            if self._accept(sign):
                return self._compare(name, column, sign, compare)
        if self._accept("is"):
            flip = self._accept("not")
            self._expect("null")
            return pc.is_valid(column) if flip else pc.is_null(column)
        flip = self._accept("not")
        if self._accept("in"):
            mask = pc.is_in(column, value_set=pa.array(self._list(name, column.type), column.type))
            mask = pc.if_else(pc.is_valid(column), mask, None)
        elif self._accept("like"):
            mask = pc.match_like(column, self._literal(name, pa.string(), column.type).as_py(), ignore_case=True)
        elif self._accept("between"):
            low = self._literal(name, column.type)
            self._expect("and")
            mask = pc.and_kleene(pc.greater_equal(column, low), pc.less_equal(column, self._literal(name, column.type)))
        elif pa.types.is_boolean(column.type) and not flip:
            mask = column
        else:
            raise self._fail("a comparison (=, !=, <, <=, >, >=, in, like, between, is null)")
        return pc.invert(mask) if flip else mask

    def _column(self) -> str:
        if (
            self.at >= len(self.tokens)
            or self.tokens[self.at][0] != "word"
            or self.tokens[self.at][1].lower() in KEYWORDS
        ):
            raise self._fail("a column")
        name = self.tokens[self.at][1].lower()
        if name not in self.table.schema.names:
            raise QueryError(f"no column '{name}'; the columns are {', '.join(sorted(self.table.schema.names))}")
        self.at += 1
        self.columns.add(name)
        return name

    def _compare(self, name: str, column: pa.Array, sign: str, compare: Callable[[Any, Any], Any]) -> Any:
        if not pa.types.is_list(column.type):
            return compare(column, self._literal(name, column.type))
        if sign not in ("=", "!=", "<>"):
            raise QueryError(f"'{name}' is a list: ask {name} = 'value' or {name} != 'value'")
        wanted = self._literal(name, pa.string())
        holds = pa.array([wanted.as_py() in values for values in column.to_pylist()], pa.bool_())
        return holds if sign == "=" else pc.invert(holds)

    def _list(self, name: str, kind: pa.DataType) -> list[Any]:
        self._expect("(")
        values = [self._literal(name, kind).as_py()]
        while self._accept(","):
            values.append(self._literal(name, kind).as_py())
        self._expect(")")
        return values

    def _literal(self, name: str, kind: pa.DataType, column_kind: pa.DataType | None = None) -> pa.Scalar:
        """The next token as a value fit to be compared with the column."""
        if pa.types.is_list(kind) or (column_kind is not None and not pa.types.is_string(column_kind)):
            raise QueryError(f"'{name}' cannot be compared in this way; ask {name} = ...")
        kind_found, value = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if pa.types.is_string(kind) and kind_found == "text":
            return pa.scalar(value.replace("''", "'"))
        if pa.types.is_boolean(kind) and value.lower() in ("true", "false"):
            return pa.scalar(value.lower() == "true")
        if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and kind_found == "number":
            return pa.scalar(float(value))
        self.at -= 1
        wanted = (
            "a text in 'quotes'"
            if pa.types.is_string(kind)
            else "true or false"
            if pa.types.is_boolean(kind)
            else "a number"
        )
        raise self._fail(f"{wanted} for {name}")
