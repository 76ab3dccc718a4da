"""What Discord refuses in a body: lengths, counts, shapes. Pure.

Limits after https://discord.com/developers/docs/resources/message, /components/reference and
/interactions/application-commands.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from tests.simulators.discord.state import COMPONENTS_V2, Json

#: (where in the body, what is wrong)
Problem = tuple[str, str]

MESSAGE_FIELDS = {
    "content", "nonce", "tts", "embeds", "allowed_mentions", "message_reference", "components", "sticker_ids",
    "attachments", "flags", "enforce_nonce", "poll",
}  # fmt: skip
EDIT_FIELDS = {"tts", "content", "embeds", "flags", "allowed_mentions", "components", "attachments"}
WEBHOOK_FIELDS = MESSAGE_FIELDS - {"nonce", "enforce_nonce", "message_reference", "sticker_ids"} | {
    "username", "avatar_url", "thread_name", "applied_tags",
}  # fmt: skip
WEBHOOK_EDIT_FIELDS = EDIT_FIELDS | {"poll"}
EMBED_FIELDS = {
    "title", "type", "description", "url", "timestamp", "color", "footer", "image", "thumbnail", "author",
    "fields", "flags",
}  # fmt: skip
SETTABLE_FLAGS = 1 << 2 | 1 << 6 | 1 << 12 | COMPONENTS_V2


def unknown_fields(body: Json, allowed: set[str]) -> list[Problem]:
    return [(name, "unknown field") for name in body if name not in allowed]


def message(body: Json, files: Iterable[str], *, kept: int = 0) -> list[Problem]:
    """All that is wrong with a message's body. `files`: names of uploads; `kept`: files already there."""
    names = set(files)
    problems: list[Problem] = []
    if len(body.get("content") or "") > 2000:
        problems.append(("content", "Must be 2000 or fewer in length."))
    nonce = body.get("nonce")
    if nonce is not None and len(str(nonce)) > 25:
        problems.append(("nonce", "Must be 25 or fewer in length."))
    if (body.get("flags") or 0) & ~SETTABLE_FLAGS:
        problems.append(("flags", "may not be set"))
    if len(names) + kept > 10:
        problems.append(("files", "Must be 10 or fewer in length."))
    if body.get("embeds"):
        problems += embeds(body["embeds"], names)
    problems += allowed_mentions(body.get("allowed_mentions"))
    components = body.get("components") or []
    if (body.get("flags") or 0) & COMPONENTS_V2:
        problems += components_v2(body, names)
    elif components:
        problems += rows(components, "components")
    problems += attachments(body.get("attachments"), len(names))
    return problems


def allowed_mentions(value: object) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, dict):
        return [("allowed_mentions", "not an object")]
    problems = unknown_fields(value, {"parse", "roles", "users", "replied_user"})
    parse = value.get("parse", [])
    problems += [("allowed_mentions.parse", str(p)) for p in parse if p not in ("roles", "users", "everyone")]
    for kind in ("users", "roles"):
        if kind in parse and value.get(kind):
            problems.append((f"allowed_mentions.{kind}", "mutually exclusive with parse"))
        if len(value.get(kind, [])) > 100:
            problems.append((f"allowed_mentions.{kind}", "Must be 100 or fewer in length."))
    return problems


def attachments(value: object, uploads: int) -> list[Problem]:
    if value is None:
        return []
    if not isinstance(value, list):
        return [("attachments", "not a list")]
    new = [item for item in value if len(str(item.get("id", ""))) < 15]
    problems = [
        ("attachments", f"id {item.get('id')} names no upload")
        for item in new
        if not 0 <= int(item.get("id", -1)) < uploads
    ]
    for item in value:
        problems += [
            ("attachments", f"unknown field {k}")
            for k in item
            if k not in ("id", "filename", "description", "is_spoiler", "title")
        ]
        if len(item.get("description") or "") > 1024:
            problems.append(("attachments.description", "Must be 1024 or fewer in length."))
    return problems


def embeds(value: list[Json], files: set[str]) -> list[Problem]:
    problems: list[Problem] = [("embeds", "Must be 10 or fewer in length.")] if len(value) > 10 else []
    total = 0
    for index, embed in enumerate(value):
        at = f"embeds[{index}]"
        found, length = one_embed(embed, at, files)
        problems += found
        total += length
    if total > 6000:
        problems.append(("embeds", "Embed size exceeds maximum size of 6000"))
    return problems


def one_embed(embed: Json, at: str, files: set[str]) -> tuple[list[Problem], int]:
    problems = [(f"{at}.{name}", "unknown field") for name in embed if name not in EMBED_FIELDS]
    fields = embed.get("fields") or []
    texts = [
        ("title", embed.get("title"), 256),
        ("description", embed.get("description"), 4096),
        ("footer.text", (embed.get("footer") or {}).get("text"), 2048),
        ("author.name", (embed.get("author") or {}).get("name"), 256),
        *((f"fields[{i}].name", f.get("name"), 256) for i, f in enumerate(fields)),
        *((f"fields[{i}].value", f.get("value"), 1024) for i, f in enumerate(fields)),
    ]
    for where, text, limit in texts:
        if text and len(text) > limit:
            problems.append((f"{at}.{where}", f"Must be {limit} or fewer in length."))
    problems += [
        (f"{at}.fields", "name and value are required")
        for f in fields
        if not f.get("name") or not f.get("value")
    ]
    if len(fields) > 25:
        problems.append((f"{at}.fields", "Must be 25 or fewer in length."))
    for key in ("image", "thumbnail"):
        if embed.get(key):
            problems += address(embed[key].get("url"), f"{at}.{key}.url", files)
    if embed.get("url") and not re.match(r"https?://", embed["url"]):
        problems.append((f"{at}.url", "Not a well formed URL."))
    if not any(embed.get(key) for key in ("title", "description", "fields", "image", "thumbnail", "author")):
        problems.append((at, "empty embed"))
    return problems, sum(len(text) for _, text, _ in texts if text)


def address(url: object, at: str, files: set[str]) -> list[Problem]:
    if isinstance(url, str) and url.startswith("attachment://"):
        return [] if url.removeprefix("attachment://") in files else [(at, f"{url} names no upload")]
    if isinstance(url, str) and re.match(r"https?://\S+$", url) and len(url) <= 2048:
        return []
    return [(at, "Not a well formed URL.")]


# Components ---------------------------------------------------------------------------------------------


def rows(value: list[Json], at: str) -> list[Problem]:
    problems: list[Problem] = [(at, "Must be between 1 and 5 in length.")] if len(value) > 5 else []
    seen: set[str] = set()
    for index, row in enumerate(value):
        problems += one_row(row, f"{at}[{index}]", seen)
    return problems


def one_row(row: Json, at: str, seen: set[str]) -> list[Problem]:
    items = row.get("components") or []
    if row.get("type") != 1:
        return [(at, "not an action row")]
    if not 1 <= len(items) <= 5:
        return [(at, "Must be between 1 and 5 in length.")]
    kinds = {item.get("type") for item in items}
    if 3 in kinds and len(items) > 1:
        return [(at, "a select stands alone")]
    return list(chain.from_iterable(control(item, at, seen) for item in items))


def control(item: Json, at: str, seen: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    check: Callable[[Json, str], list[Problem]] | None = {2: button, 3: select}.get(item.get("type", 0))
    if check is None:
        return [(at, f"component type {item.get('type')}")]
    custom_id = item.get("custom_id")
    if custom_id is not None:
        if not 1 <= len(custom_id) <= 100:
            problems.append((f"{at}.custom_id", "Must be between 1 and 100 in length."))
        if custom_id in seen:
            problems.append((f"{at}.custom_id", "Component custom id cannot be duplicated"))
        seen.add(custom_id)
    return problems + check(item, at)


def button(item: Json, at: str) -> list[Problem]:
    problems = unknown_fields(item, {"type", "style", "label", "emoji", "custom_id", "url", "disabled", "id"})
    if item.get("style") not in (1, 2, 3, 4, 5):
        problems.append((f"{at}.style", "out of range"))
    if (item.get("style") == 5) != ("url" in item) or (item.get("style") == 5) == ("custom_id" in item):
        problems.append((at, "a button has either a custom_id or a url"))
    if not item.get("label") and not item.get("emoji"):
        problems.append((f"{at}.label", "required"))
    if len(item.get("label") or "") > 80:
        problems.append((f"{at}.label", "Must be 80 or fewer in length."))
    return problems


def select(item: Json, at: str) -> list[Problem]:
    options = item.get("options") or []
    allowed = {
        "type",
        "custom_id",
        "options",
        "placeholder",
        "min_values",
        "max_values",
        "disabled",
        "id",
        "required",
    }
    problems = unknown_fields(item, allowed)
    if not 1 <= len(options) <= 25:
        problems.append((f"{at}.options", "Must be between 1 and 25 in length."))
    if len({o.get("value") for o in options}) != len(options):
        problems.append((f"{at}.options", "values must be unique"))
    for option in options:
        for key, limit in (("label", 100), ("value", 100), ("description", 100)):
            if len(option.get(key) or "") > limit or (key != "description" and not option.get(key)):
                problems.append((f"{at}.options.{key}", f"Must be between 1 and {limit} in length."))
    if len(item.get("placeholder") or "") > 150:
        problems.append((f"{at}.placeholder", "Must be 150 or fewer in length."))
    return problems


def walk(value: object) -> Iterator[Json]:
    """Every component in a tree."""
    if isinstance(value, list):
        for item in value:
            yield from walk(item)
    elif isinstance(value, dict):
        yield value
        yield from walk(value.get("components"))
        yield from walk(value.get("accessory"))


def components_v2(body: Json, files: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    if body.get("content") or body.get("embeds"):
        problems.append(("flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"))
    items = list(walk(body.get("components") or []))
    if not items:
        problems.append(("components", "required"))
    if len(items) > 40:
        problems.append(("components", "The maximum number of components is 40"))
    if sum(len(i.get("content", "")) for i in items if i.get("type") == 10) > 4000:
        problems.append(("components", "Text must be 4000 or fewer in length."))
    seen: set[str] = set()
    for item in items:
        problems += one_v2(item, files, seen)
    return problems


def one_v2(item: Json, files: set[str], seen: set[str]) -> list[Problem]:
    kind = item.get("type")
    if kind in (2, 3):
        return []
    if kind == 1:
        return one_row(item, "components", seen)
    if kind == 10:
        return [] if item.get("content") else [("components.content", "required")]
    if kind == 12:
        gallery = item.get("items") or []
        problems: list[Problem] = (
            [] if 1 <= len(gallery) <= 10 else [("components.items", "Must be between 1 and 10 in length.")]
        )
        for picture in gallery:
            problems += unknown_fields(picture, {"media", "description", "spoiler"})
            problems += address((picture.get("media") or {}).get("url"), "components.items.media.url", files)
        return problems
    if kind == 13:
        return address((item.get("file") or {}).get("url"), "components.file.url", files)
    return [] if kind in (9, 11, 14, 17) else [("components", f"type {kind}")]


def modal(data: Json) -> list[Problem]:
    problems = unknown_fields(data, {"custom_id", "title", "components"})
    if not 1 <= len(data.get("title") or "") <= 45:
        problems.append(("data.title", "Must be between 1 and 45 in length."))
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        problems.append(("data.custom_id", "Must be between 1 and 100 in length."))
    parts = data.get("components") or []
    if not 1 <= len(parts) <= 5:
        problems.append(("data.components", "Must be between 1 and 5 in length."))
    for part in parts:
        if part.get("type") == 18:
            if not 1 <= len(part.get("label") or "") <= 45:
                problems.append(("data.components.label", "Must be between 1 and 45 in length."))
            problems += text_input(part.get("component") or {})
        elif part.get("type") == 1 and len(part.get("components") or []) == 1:
            field = part["components"][0]
            if not 1 <= len(field.get("label") or "") <= 45:
                problems.append(("data.components.label", "Must be between 1 and 45 in length."))
            problems += text_input(field)
        else:
            problems.append(("data.components", "not a row with one field"))
    return problems


def text_input(field: Json) -> list[Problem]:
    allowed = {
        "type",
        "custom_id",
        "style",
        "label",
        "min_length",
        "max_length",
        "required",
        "value",
        "placeholder",
        "id",
    }
    problems = unknown_fields(field, allowed)
    if field.get("type") != 4 or field.get("style") not in (1, 2):
        problems.append(("data.components", "not a text input"))
    if not 1 <= len(field.get("custom_id") or "") <= 100:
        problems.append(("data.components.custom_id", "Must be between 1 and 100 in length."))
    if len(field.get("value") or "") > min(4000, field.get("max_length", 4000)):
        problems.append(("data.components.value", "too long"))
    if len(field.get("placeholder") or "") > 100:
        problems.append(("data.components.placeholder", "Must be 100 or fewer in length."))
    return problems
