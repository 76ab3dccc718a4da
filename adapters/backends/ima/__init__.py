"""IMA Studio: pictures by its open API. `Ima` in `backend` is the door."""

from adapters.backends.ima.backend import Ima

__all__ = ["Ima"]
