"""The base install has no torch: fitting, keeping, opening and meshing grid fields must do without."""

import subprocess
import sys

CODE = """
import sys
sys.modules["torch"] = None
import numpy as np
from fieldstone.fields.extract import mesh
from fieldstone.fields.field import CallableField
from fieldstone.fields.file import open_field, save
from fieldstone.fields.fit import fit
from tests.fields.fits import CONFIGS, FEW, SHORT, ball
for name, config in CONFIGS.items():
    field = fit(ball(), name, config=config, sampling=FEW, schedule=SHORT)
    save(field, sys.argv[1], "int8")
    print(name, len(mesh(open_field(sys.argv[1]), 32).faces))
"""


def test_grid_fields_need_no_torch(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "ball.field")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    faces = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert len(faces) == 3
    assert min(faces) > 500
