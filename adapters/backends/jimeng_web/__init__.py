"""Jimeng through its web site, with the login of a person: see the README on what that means."""

from adapters.backends.jimeng_web.backend import JimengWeb, JimengWebSettings

__all__ = ["JimengWeb", "JimengWebSettings"]
