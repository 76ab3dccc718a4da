"""What a message means: the value that the conversation works with."""

from dataclasses import dataclass
from typing import Literal

from bot.language.budget import Budget
from bot.language.choices import Preference
from bot.language.tasks import Reference
from bot.message import Language, Task

Kind = Literal[
    "generate",
    "again",
    "retry",
    "cancel",
    "set_preference",
    "clear_preference",
    "show_preference",
    "list_models",
    "credits",
    "status",
    "help",
    "forget_me",
    "chat",
]
Unsupported = Literal["8k", "ratio", "model_ratio"]


@dataclass(frozen=True, slots=True)
class Intent:
    """One message understood. What the person did not say is None."""

    intent: Kind
    language: Language
    #: The message with pasted credentials cut: the only form that may be stored.
    text: str = ""
    task: Task | None = None
    prompt: str = ""
    model: str | None = None
    budget: Budget | None = None
    ratio: str | None = None
    size: str | None = None
    count: int | None = None
    duration: int | None = None
    preference: Preference = "none"
    #: What no model of the static table can do; what is really possible is decided from the offers.
    unsupported: Unsupported | None = None
    #: As said: "7:3", "8K", exact pixels.
    ratio_asked: str | None = None
    size_asked: str | None = None
    pixels: tuple[int, int] | None = None
    #: From explicit flags only; 不要… stays in the prompt.
    negative: str | None = None
    strength: float | None = None
    watermark: bool | str = False
    auto_ratio: bool = False
    #: What an edit works on, the links that came in the text, and which of several pictures.
    reference: Reference | None = None
    urls: tuple[str, ...] = ()
    picture: int | None = None
    #: A name that the person gave to what is drawn.
    called: str | None = None
    #: For the acknowledgement: a short noun phrase and a pictogram.
    subject: str = ""
    emoji: str = "🎨"
    #: What the picture is, most telling first ("logo", "photo", …): what its model should be good at.
    suits: tuple[str, ...] = ()
    #: To call off all that is on its way, and not the newest alone.
    everything: bool = False
    #: The text held a credential.
    secret: bool = False
