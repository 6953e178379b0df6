"""AWS IoT Core on this machine: a control plane that boto3 speaks to and a message broker that devices connect to.

`service.LocalIotCore` starts both; everything else is a part of it. What is modelled and what is not: docs/fidelity.md.
"""
