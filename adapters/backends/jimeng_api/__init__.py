"""Jimeng and Dreamina through a jimeng-api service that the operator runs himself."""

from adapters.backends.jimeng_api.backend import JimengApi, JimengApiSettings

__all__ = ["JimengApi", "JimengApiSettings"]
