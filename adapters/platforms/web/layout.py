"""A message of the bot as JSON: what is stored, what the page is shown of it, and back to its buttons.

The page never sees where a file lies: it asks for a picture by message and name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.platforms.web.store import Stored, Upload
from bot.errors import Unshowable
from bot.message import Action, Line, Media, Outgoing, Press

_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the files lie that may be served: what people sent, and what was made for them."""

    uploads: Path
    media: Path

    def locate(self, path: Path) -> dict[str, str]:
        """The folder's name and the file's path inside it. Raises Unshowable for a file from elsewhere."""
        whole = path.resolve()
        for folder, root in (("media", self.media), ("uploads", self.uploads)):
            if whole.is_relative_to(root.resolve()):
                return {"folder": folder, "file": whole.relative_to(root.resolve()).as_posix()}
        raise Unshowable(f"a file outside the folders that are served: {path.name}")

    def path(self, picture: Mapping[str, Any]) -> Path:
        """The file of a stored picture."""
        root = self.media if picture["folder"] == "media" else self.uploads
        return root / str(picture["file"])


def stored(message: Outgoing, folders: Folders) -> dict[str, Any]:
    """All that has to be kept of a message. Raises Unshowable."""
    return {
        "kind": message.kind.value,
        "language": message.language,
        "headline": message.headline,
        "job": message.job,
        "lines": [_line(line) for line in message.lines],
        "percent": message.percent,
        "media": [_picture(media, folders) for media in message.media],
        "actions": [_action(action) for action in message.actions],
        "due": message.due,
        "settled": message.settled,
    }


def shown(message: Stored) -> dict[str, Any]:
    """What the page gets."""
    body = message.body
    return body | {
        "id": message.id,
        "position": message.position,
        "revision": message.revision,
        "at": message.created_at,
        "media": [_shown_picture(message.id, picture) for picture in body["media"]],
        "actions": [
            {name: action[name] for name in ("press", "label", "value", "job", "primary")}
            for action in body.get("actions", ())
        ],
    }


def picture_named(body: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """The picture of this name in a stored message."""
    return next((picture for picture in body["media"] if picture["name"] == name), None)


def action_of(body: Mapping[str, Any], press: Press, job: str, value: str) -> Action | None:
    """The button of a stored message that does this; None where it has no such button (any more)."""
    for action in body.get("actions", ()):
        if (action["press"], action["job"], action["value"]) == (press.value, job, value):
            return Action(**{**action, "press": press})
    return None


def picture_file(picture: Mapping[str, Any], folders: Folders) -> Media:
    """A stored picture as a file on disk."""
    return Media(
        folders.path(picture),
        str(picture["type"]),
        int(picture["size"]),
        int(picture["width"]),
        int(picture["height"]),
        str(picture["link"]),
        float(picture["expires"]),
    )


def upload_as_picture(upload: Upload) -> dict[str, Any]:
    """A person's upload as a picture of their message."""
    return {
        "folder": "uploads",
        "file": upload.id,
        "name": upload.id,
        "title": upload.name,
        "type": upload.type,
        "size": upload.size,
        "width": upload.width,
        "height": upload.height,
        "link": "",
        "expires": 0.0,
    }


def _line(line: Line) -> dict[str, str]:
    safe = line.url.lower().startswith(("https://", "http://"))
    return {"text": line.text, "label": line.label, "url": line.url if safe else ""}


def _picture(media: Media, folders: Folders) -> dict[str, Any]:
    return {
        **folders.locate(media.path),
        "name": f"{sha256(str(media.path).encode()).hexdigest()[:16]}{_ENDINGS.get(media.type, '')}",
        "type": media.type,
        "size": media.size,
        "width": media.width,
        "height": media.height,
        "link": media.link if media.link.lower().startswith(("https://", "http://")) else "",
        "expires": media.link_expires,
    }


def _shown_picture(message: str, picture: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "type", "size", "width", "height", "link", "expires")
    return {name: picture[name] for name in names} | {"url": f"/chat/media/{message}/{picture['name']}"}


def _action(action: Action) -> dict[str, Any]:
    return {
        "press": action.press.value,
        "label": action.label,
        "job": action.job,
        "owner": action.owner,
        "language": action.language,
        "value": action.value,
        "primary": action.primary,
    }
