"""By hand: `python -m tests.simulators.ima --port 8601`, then IMA_API_URL and IMA_UPLOAD_URL point at it.

IMA_API_KEY is `ima_test_key`, IMA_APP_KEY is `test-app-key`. A prompt with [fail], [block], [delete],
[500] … in it has that fate.
"""

from tests.simulators.hand import main
from tests.simulators.ima.service import ImaService


def make() -> ImaService:
    service = ImaService()
    service.seconds = 8.0
    return service


if __name__ == "__main__":
    main(make, "IMA Studio")
