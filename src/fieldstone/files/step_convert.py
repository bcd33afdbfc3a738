"""The child process of `step`: STEP in on stdin, GLB out on stdout. It imports cascadio alone.

python step_convert.py MEMORY_BYTES CPU_SECONDS
"""

import os
import sys

__all__ = ["main"]

DEFLECTION_MM, DEFLECTION_RADIANS = 0.1, 0.3


def main() -> int:
    """Convert within limits of memory and processor time, where the system has them; 0 when the GLB was written."""
    try:
        import resource

        memory, seconds = int(sys.argv[1]), int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # ends it even where the parent was killed
    except (ImportError, ValueError, OSError):
        pass
    answer = os.dup(1)
    os.dup2(2, 1)  # OpenCASCADE talks on stdout
    sys.modules["trimesh"] = None  # type: ignore[assignment]  # cascadio would import it, for half a second
    import cascadio

    glb = cascadio.load(
        sys.stdin.buffer.read(), tol_linear=DEFLECTION_MM, tol_angular=DEFLECTION_RADIANS, use_parallel=False
    )
    with os.fdopen(answer, "wb") as file:
        file.write(glb)
    return 0 if glb else 1


if __name__ == "__main__":
    sys.exit(main())
