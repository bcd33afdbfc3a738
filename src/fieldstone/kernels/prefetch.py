"""Asking the memory for a row before it is needed: rows of a hashed table lie anywhere, and waiting for them costs most."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as code_generation
from numba.extending import intrinsic

__all__ = ["prefetch"]

cgutils: Any = code_generation  # numba has no types


@intrinsic
def prefetch(_: Any, table: Any, row: Any) -> Any:  # noqa: ARG001 - compiled code passes it
    """`prefetch(table, row)` in compiled code: the processor's hint to fetch the beginning of a row, to be written too."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        view = context.make_array(kind)(context, builder, arguments[0])
        zero, byte, word = ir.Constant(ir.IntType(64), 0), ir.IntType(8).as_pointer(), ir.IntType(32)
        place = cgutils.get_item_pointer(context, builder, kind, view, [arguments[1], zero], wraparound=False)
        shape = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        hint = cgutils.get_or_insert_function(builder.module, shape, "llvm.prefetch.p0i8")
        builder.call(hint, [builder.bitcast(place, byte), word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, types.int64), code
