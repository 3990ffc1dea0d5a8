"""Builds the wheel and looks into it: every module and data file of the packages is there, nothing else is."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("wire", "missions", "onboard", "groundlink", "sitl")


def main() -> int:
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            packed = {name for name in archive.namelist() if ".dist-info/" not in name}
            scripts = archive.read(next(n for n in archive.namelist() if n.endswith("entry_points.txt"))).decode()
    missing, extra = sorted(set(tracked) - packed), sorted(packed - set(tracked))
    for name in missing:
        print(f"not in the wheel: {name}")
    for name in extra:
        print(f"in the wheel, but not in git: {name}")
    for door in ("groundlink", "onboard", "sitl"):
        if f"{door} = " not in scripts:
            missing.append(door)
            print(f"the console script {door} is not in the wheel")
    if not missing and not extra:
        print(f"the wheel holds {len(packed)} files, as it should")
    return 1 if missing or extra else 0


if __name__ == "__main__":
    sys.exit(main())
