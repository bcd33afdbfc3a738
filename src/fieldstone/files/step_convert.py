"""The child process of `step`: python step_convert.py IN.step OUT.glb MEMORY_BYTES. It imports cascadio alone."""

import sys

DEFLECTION_MM, DEFLECTION_RADIANS = 0.1, 0.3


def main() -> int:
    """Convert, with a memory limit where the system has one; 0 when the GLB was written."""
    try:
        import resource

        limit = int(sys.argv[3])
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        pass
    import cascadio

    return int(
        cascadio.step_to_glb(
            sys.argv[1], sys.argv[2], tol_linear=DEFLECTION_MM, tol_angular=DEFLECTION_RADIANS, use_parallel=False
        )
    )


if __name__ == "__main__":
    sys.exit(main())
