"""A jimeng-api service that hands out pictures of 14 MB, as a process of its own."""

from tests.simulators.hand import main
from tests.simulators.jimeng_api import JimengApi

#: Noise of this size is a PNG of 14 MB.
PIXELS = (2160, 2160)


def make() -> JimengApi:
    """All jobs that come within a few seconds are done at once."""
    service = JimengApi()
    service.heavy, service.seconds = PIXELS, 4.0
    return service


if __name__ == "__main__":
    main(make, "heavy")
