"""The SDK's long-connection client, imported without the ten thousand modules around it.

`import lark_oapi` takes seconds and 150 MB, as it imports every interface of the platform. The client itself
needs sixty modules. `load` registers the package without running its `__init__`, and in place of the event
dispatcher (which names every event there is) a module with nothing but its class; ours takes events raw.
Where that fails, as it may with another version of the SDK, the whole of it is imported.
"""

import importlib
import importlib.machinery
import importlib.util
import logging
import sys
from types import ModuleType

log = logging.getLogger(__name__)

NAME = "lark_oapi"
CLIENT = f"{NAME}.ws.client"
DISPATCHER = f"{NAME}.event.dispatcher_handler"
#: What a client of another make can raise while it is imported.
_BROKEN = (ImportError, AttributeError, NameError, TypeError, KeyError, ValueError, LookupError)


class EventDispatcherHandler:
    """Stands for the SDK's dispatcher, which is named in annotations only."""


def load() -> ModuleType:
    """The module `lark_oapi.ws.client`. Raises ImportError where the SDK is missing or cannot be used."""
    if CLIENT in sys.modules:
        return sys.modules[CLIENT]
    if NAME in sys.modules:
        return importlib.import_module(CLIENT)
    try:
        return _light()
    except _BROKEN as error:
        log.warning(
            "the light import of %s failed (%s: %s); importing all of it", NAME, type(error).__name__, error
        )
        _forget()
        return importlib.import_module(CLIENT)


def _light() -> ModuleType:
    spec = importlib.util.find_spec(NAME)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{NAME} is not installed")
    package = ModuleType(NAME)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = importlib.machinery.ModuleSpec(NAME, None, is_package=True)
    sys.modules[NAME] = package
    dispatcher = ModuleType(DISPATCHER)
    dispatcher.EventDispatcherHandler = EventDispatcherHandler  # type: ignore[attr-defined]  # a module made here
    sys.modules[DISPATCHER] = dispatcher
    module = importlib.import_module(CLIENT)
    missing = [name for name in ("Client", "Frame", "loop") if not hasattr(module, name)]
    missing += [f"Client.{name}" for name in NEEDED if not hasattr(module.Client, name)]
    if missing:
        raise ImportError(f"{CLIENT} has no {', '.join(missing)}")
    return module


#: What `client` relies on beside the constructor.
NEEDED = (
    "_connect",
    "_disconnect",
    "_get_conn_url",
    "_handle_control_frame",
    "_handle_data_frame",
    "_combine",
    "_ping_loop",
    "_reconnect",
    "_write_message",
)


def _forget() -> None:
    for name in [name for name in sys.modules if name == NAME or name.startswith(f"{NAME}.")]:
        del sys.modules[name]
