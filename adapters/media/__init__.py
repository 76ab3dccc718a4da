"""Pictures and films on disk: recognised, kept, fetched with guards, made to fit, swept.

`store` is the door; `fetch` brings them from the net, `guard` says from where, `pictures` and `films`
read them. Nothing here knows who asked for them or what they show.
"""

from adapters.media.guard import Guard, Resolver
from adapters.media.pictures import recognise
from adapters.media.store import PERSON_BYTES, MediaStore

__all__ = ["PERSON_BYTES", "Guard", "MediaStore", "Resolver", "recognise"]
