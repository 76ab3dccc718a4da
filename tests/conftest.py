"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# How fast an example is depends on the machine, so no test fails for it.
settings.register_profile(
    "house", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
