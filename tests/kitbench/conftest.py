"""What all unit tests go by: no deadline for generated examples, nobody's AWS profile.

How long an example takes is the machine's affair; pytest's time limit ends a hang.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("kitbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kitbench")

# botocore refuses to load anything where the shell names a profile that is not there; on-kit tests on AWS need theirs.
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
    os.environ.pop(name, None)
