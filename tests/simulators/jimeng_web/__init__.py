"""Jimeng's web site behind its pages: `ret` as text, HTTP 200 for refusals, jobs by submit_id, ImageX.

By hand: `python -m tests.simulators.jimeng_web --port 5200`; any session id but "dead…" is logged in.
What it takes is in `book`, by submit_id: the same one sent twice is charged twice.
"""

from tests.simulators.jimeng_web.service import JimengWeb, Job, Plan

__all__ = ["JimengWeb", "Job", "Plan"]
