"""python -m tests.sitl.conformance: the rows of the fact sheet and the cases that cover them."""

from __future__ import annotations

from tests.sitl.conformance.rows import cases, not_modelled

if __name__ == "__main__":
    left_out = not_modelled() or set()
    for row, names in cases().items():
        note = "" if names else "not modelled" if row in left_out else "NO CASE"
        print(f"{row:4}", note or ", ".join(names))
