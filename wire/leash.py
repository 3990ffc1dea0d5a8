"""python -m wire.leash PROGRAM ...: become PROGRAM, which ends when the process that started it ends."""

from __future__ import annotations

import os
import sys

from wire.supervise import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])
