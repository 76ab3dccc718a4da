"""A product list of the shape that IMA's has. Names as in bot/models.toml; numbers are made up."""

from typing import Any

Node = dict[str, Any]
RATIOS = {
    "1:1": "2048x2048",
    "2:3": "1664x2496",
    "3:2": "2496x1664",
    "9:16": "1440x2560",
    "16:9": "2560x1440",
    "21:9": "3024x1296",
}


def catalogue(task: str) -> list[Node]:
    """The whole tree for a task; the older version of a model stands before the newer."""
    base = 7100 if task == "text_to_image" else 7600
    return [
        group(
            "Nano Banana",
            sized("gemini-3.1-flash-image", "flash-old", task, {"1K": (99, base + 90)}, "5~9s"),
            sized(
                "gemini-3.1-flash-image",
                "flash-2",
                task,
                {"512px": (4, base), "1K": (6, base + 1), "2K": (10, base + 2), "4K": (13, base + 3)},
                "18~33s",
            ),
            sized(
                "gemini-3-pro-image",
                "pro-1",
                task,
                {"1K": (10, base + 10), "2K": (10, base + 11), "4K": (18, base + 12)},
                "25~45s",
            ),
        ),
        group("SeeDream", seedream(task, base + 20)),
        group("Midjourney", midjourney(task, base + 30)),
        group("Others", pixelated(task, base + 40)),
    ]


def group(name: str, *children: Node) -> Node:
    return {"id": name.lower(), "type": "2", "name": name, "children": list(children)}


def leaf(model: str, version: str, task: str, **more: Any) -> Node:
    node: Node = {
        "id": version,
        "parent_id": "x",
        "type": "3",
        "name": model.title(),
        "icon": "https://cdn.invalid/icon.png",
        "model_id": model,
        "tags": [{"tag_type": "feature", "tag_value": "NEW"}, {"tag_type": "EET", "tag_value": "20~40s"}],
        "model_types": ["text_to_image", "image_to_image"],
        "description": "made up",
        "category_code": task,
        "form_config": [],
        "credit_rules": [],
        **more,
    }
    if task == "image_to_image":
        node.setdefault("files", {"acceptType": ["image/jpg,png"], "minLimit": 1, "maxLimit": 14})
    return node


def choice(name: str, default: str, *options: str, **more: Any) -> Node:
    return {
        "type": "tags",
        "field": name,
        "label": name.title(),
        "description": "",
        "value": default,
        "options": [{"label": option, "value": option} for option in options],
        **more,
    }


def rule(points: int, attribute_id: int, **attributes: str) -> Node:
    return {
        "origin_point": points,
        "points": points,
        "attribute_id": attribute_id,
        "attributes": attributes or {"default": "enabled"},
    }


def sized(model: str, version: str, task: str, prices: dict[str, tuple[int, int]], eet: str) -> Node:
    """Size and ratio are two parameters, the size has a price."""
    return leaf(
        model,
        version,
        task,
        tags=[{"tag_type": "EET", "tag_value": eet}],
        form_config=[
            choice("aspect_ratio", "1:1", "1:1", "1:4", "2:3", "3:2", "4:5", "16:9", "9:16", "21:9"),
            choice("size", "1K", *prices),
        ],
        credit_rules=[rule(points, number, size=size) for size, (points, number) in prices.items()],
    )


def seedream(task: str, number: int) -> Node:
    """The ratio is shown alone; what is sent is a size that stands for it."""
    field = choice(
        "size",
        "4k",
        "2k",
        "4k",
        *RATIOS.values(),
        is_ui_virtual=True,
        ui_params=[choice("aspect_ratio", "4k", "2k", "4k", *RATIOS, required=True)],
        value_mapping={
            "type": "simple",
            "source_params": ["aspect_ratio"],
            "target_param": "size",
            "mapping_rules": [
                {"source_values": {"aspect_ratio": shown}, "target_value": sent}
                for shown, sent in {**RATIOS, "2k": "2k", "4k": "4k"}.items()
            ],
        },
    )
    return leaf(
        "doubao-seedream-4.5", "seedream-451", task, form_config=[field], credit_rules=[rule(5, number)]
    )


def midjourney(task: str, number: int) -> Node:
    """Four pictures a time, no ratio; for pictures from pictures one price and no word on how many."""
    rules = [rule(8, number, resolution="480p"), rule(10, number + 1, resolution="720p")]
    node = leaf(
        "midjourney",
        "midjourney",
        task,
        tags=[{"tag_type": "EET", "tag_value": "40~90s"}],
        form_config=[
            choice("n", "1", "1", label="numbers(4 pic/time)"),
            choice("resolution", "480p", "480p", "720p"),
        ],
        credit_rules=rules if task == "text_to_image" else [rule(8, number + 2)],
    )
    node.pop("files", None)
    return node


def pixelated(task: str, number: int) -> Node:
    """Sizes as pixels alone, a price by quality, and a parameter that nobody can choose."""
    return leaf(
        "brushwork-2",
        "brushwork-2-0926",
        task,
        form_config=[
            choice("size", "1024x1024", "auto", "1024x1024", "1536x1024", "1024x1536"),
            choice("quality", "medium", "low", "medium", "high"),
            {"type": "text", "field": "negative_prompt", "label": "Negative", "value": None},
            {"type": "switch", "field": "enhance", "label": "Enhance", "value": True},
        ],
        credit_rules=[
            rule(3, number, quality="low"),
            rule(7, number + 1, quality="medium"),
            rule(20, number + 2, quality="high"),
        ],
    )
