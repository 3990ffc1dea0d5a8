"""The command `sitl`, and python -m sitl."""

from wire.entry import enter


def main() -> None:
    enter("sitl.main")


if __name__ == "__main__":
    main()
