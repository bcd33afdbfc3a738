"""A short run of benchmarks/fuzz_readers.py, in process: strangers' bytes give a shape or a FileError, and quickly."""

import itertools
import time

import numpy as np
import pytest

from fieldstone.errors import FileError
from fieldstone.files import Limits, read, read_entry, scan
from tests.files import mutations

CASES = 40
LIMITS = Limits(faces=2_000_000, vertices=6_000_000)


def trouble(error):
    """What is wrong with a refusal: not one line, or a broken annotation of ours behind it."""
    found = [] if error.reason and "\n" not in str(error) else [str(error)]
    return found + [repr(error.__cause__)] * (type(error.__cause__).__name__ == "TypeCheckError")


@pytest.mark.parametrize("seed", mutations.seeds(), ids=lambda seed: seed.name)
def test_hostile_bytes_are_shapes_or_file_errors(seed, tmp_path):
    for name, data in mutations.beside().items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / seed.name
    refused, problems = 0, []
    for case in range(CASES):
        path.write_bytes(mutations.mutate(seed, np.random.default_rng([case, len(seed.data)])))
        started = time.perf_counter()
        try:
            shape = read(path, limits=LIMITS).shape
            points = shape.vertices if hasattr(shape, "vertices") else shape.points
            assert np.isfinite(points).all()
        except FileError as error:
            refused += 1
            problems += trouble(error)
        assert time.perf_counter() - started < 10
    assert problems == []
    assert refused > 0


@pytest.mark.parametrize("seed", mutations.seeds(), ids=lambda seed: seed.name)
def test_the_seeds_themselves_are_good(seed, tmp_path):
    for name, data in mutations.beside().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / seed.name).write_bytes(seed.data)
    assert read(tmp_path / seed.name).notes is not None


def test_hostile_archives_are_scanned(tmp_path):
    seed = next(seed for seed in mutations.seeds() if seed.name == "pack.zip")
    problems = []
    for case in range(CASES):
        (tmp_path / "pack.zip").write_bytes(mutations.mutate(seed, np.random.default_rng([case, 7])))
        for entry in itertools.islice(scan(tmp_path, LIMITS), 10):
            assert entry.path == tmp_path / "pack.zip"
            try:
                read_entry(entry, limits=LIMITS)
            except FileError as error:
                problems += trouble(error)
    assert problems == []
