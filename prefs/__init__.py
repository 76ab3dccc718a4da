"""What each person likes: when it is saved and cleared, and where. A leaf: imports nothing of ours."""

from prefs.rules import Change, Clear, Kind, Save, change, kind_of
from prefs.store import Connection, Preferences

__all__ = ["Change", "Clear", "Connection", "Kind", "Preferences", "Save", "change", "kind_of"]
