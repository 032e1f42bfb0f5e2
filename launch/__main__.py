"""`python3 -m launch COMMAND`: finds a Python that is new enough, then hands over to `launch.cli`.

This file alone must be readable by any Python 3, so that an old one gets a sentence and not a SyntaxError.
"""

import os
import subprocess
import sys

OLDEST = (3, 11)


def newer_python() -> str:
    """The first newer interpreter that really runs (a version manager's shim may exist and still refuse), or ''."""
    for name in ("python3.13", "python3.12", "python3.11", "python3.14"):
        try:
            if subprocess.call([name, "-c", ""], stderr=subprocess.DEVNULL) == 0:
                return name
        except OSError:
            continue
    return ""


def main() -> None:
    """Run the command, under another interpreter where this one is too old."""
    if sys.version_info >= OLDEST:
        from launch.cli import run_command

        sys.exit(run_command(sys.argv[1:]))
    other = newer_python()
    if not other:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"radd: Python 3.11 or newer is needed, this is {found}: install it, then `make run PYTHON=python3.11`."
        )
    os.execvp(other, [other, "-m", "launch", *sys.argv[1:]])


if __name__ == "__main__":
    main()
