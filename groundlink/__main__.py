"""The command `groundlink`, and python -m groundlink."""

from wire.entry import enter


def main() -> None:
    enter("groundlink.main")


if __name__ == "__main__":
    main()
