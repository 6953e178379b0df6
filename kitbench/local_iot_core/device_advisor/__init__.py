"""AWS IoT Device Advisor on this machine: an endpoint that misbehaves on demand, and one judge of what a device does.

`judging` and `behaviour` are pure: events of the wire in, verdicts out. `endpoint` and `tap` are the shell.
"""
