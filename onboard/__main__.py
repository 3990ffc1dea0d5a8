"""The command `onboard`, and python -m onboard."""

from wire.entry import enter


def main() -> None:
    enter("onboard.main")


if __name__ == "__main__":
    main()
