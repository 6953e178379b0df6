"""Generated examples have no deadline: how long one takes is the machine's affair; pytest's time limit ends a hang."""

from hypothesis import HealthCheck, settings

settings.register_profile("kitbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kitbench")
