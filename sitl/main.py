"""sitl: the whole stack without an aircraft."""


def main() -> None:
    raise SystemExit("sitl: not yet")
