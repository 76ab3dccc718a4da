"""Volcengine: Jimeng pictures by its visual API. `Volcengine` in `backend` is the door."""

from adapters.backends.volcengine.backend import Volcengine

__all__ = ["Volcengine"]
