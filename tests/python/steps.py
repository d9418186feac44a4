"""The steps of a script: what has to hold, counted."""

import sys

_count = 0


def step(holds, what):
    """Counts a step, and ends where it does not hold."""
    global _count
    if not holds:
        sys.exit(f"not so: {what}")
    _count += 1


def end():
    """The last line of a script."""
    print(f"{_count} steps")
