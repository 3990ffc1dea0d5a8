"""Scenarios: what goes wrong in a simulated flight and when, told in a YAML file; the samples are in sitl/scenarios.

`events.py` has the kinds, `model.py` the file, `script.py` what is on at a time, `effects.py` what that means for the world.
Who applies what: the world its latch, cameras, receiver and drives; the embedded autopilot its sensors, the wind and PX4's own
failures (`sitl/autopilot/trouble.py`); `relay.py` the radio; `director.py`, beside the officer, kills and a real PX4's
failures.
"""
