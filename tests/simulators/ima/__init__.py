"""A simulator of IMA Studio's open API and of its upload host. `ImaService` in `service` is the door."""

from tests.simulators.ima.service import ImaService

__all__ = ["ImaService"]
