"""python -m missions check FILE ...: are these mission files right?"""

from wire.entry import enter

if __name__ == "__main__":
    enter("missions.command_line")
