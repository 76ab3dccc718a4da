"""The jimeng-api service as it really behaves: HTTP 200 for everything, models replaced without a word.

By hand: `python -m tests.simulators.jimeng_api --port 5100`; any session id but "dead…" is live. Behind
it stands an imagined Jimeng: what reaches it is in `submitted`, what it takes is in `book`, by prompt.
"""

from tests.simulators.jimeng_api.service import Account, JimengApi, Plan, Submitted

__all__ = ["Account", "JimengApi", "Plan", "Submitted"]
