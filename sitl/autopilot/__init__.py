"""The embedded autopilot: what PX4 v1.16.0 with its simulated quadrotor does at its MAVLink boundary.

`core.Autopilot` is pure and runs in simulated time; `process.main` puts sockets and the wall clock around it.
Not modelled: flying by sticks, calibration and what a missing one does, logs (neither files nor streaming), signing.
"""
