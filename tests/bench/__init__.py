"""`make bench`: the measured figures of this machine, each with how it was measured."""
