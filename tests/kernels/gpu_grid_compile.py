"""Compiles the Triton kernels to machine code of a GPU that need not be there; test_gpu_grid.py runs it."""

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from fieldstone.kernels.gpu_grid import PIECE, _add_pieces, _features, _options, _step

LONG, FLOAT = {"nodes", "starts", "order"}, {"rate", "scale", "beta1", "beta2", "epsilon"}
POINTERS = {"points", "table", "weights", "out", "d_features", "partial", "first", "second"}
INTEGERS = {"index", "corners", "rows"}


def compile_for_gpu(kernel: object, **constants: object) -> None:
    fusion = {"enable_fp_fusion": constants.pop("enable_fp_fusion")}
    names = [parameter.name for parameter in kernel.params]
    types = dict.fromkeys(names, "i32") | dict.fromkeys(constants, "constexpr")
    types |= dict.fromkeys(LONG, "*i64") | dict.fromkeys(FLOAT, "fp32")
    types |= dict.fromkeys(POINTERS, "*fp32") | dict.fromkeys(INTEGERS, "*i32")
    source = ASTSource(
        fn=kernel,
        signature={name: types[name] for name in names},
        constexprs={(names.index(name),): value for name, value in constants.items()},
    )
    compiled = triton.compile(source, target=GPUTarget("cuda", 80, 32), options=fusion)
    assert compiled.asm["cubin"], "machine code"
    assert "atom" not in compiled.asm["ptx"], "no racing adds"
    print(compiled.metadata.name)


def main() -> None:
    for kind, levels, channels in ((0, 4, 2), (1, 4, 8), (2, 3, 4)):
        compile_for_gpu(_features, KIND=kind, LEVELS=levels, **_options(channels))
    compile_for_gpu(_add_pieces, PIECE=PIECE, CORNERS=8, SUMMED=False, **_options(2))
    compile_for_gpu(_step, PIECE=PIECE, **_options(2))


if __name__ == "__main__":
    main()
