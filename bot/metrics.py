"""What is counted: names and help of every metric. Served as /metrics by `adapters.server`.

A `Metrics` is a value handed around, not a global, so that two houses can stand in one process.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Metrics:
    """All counters of one running bot."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.jobs = Gauge("inkling_jobs", "Jobs by state", ["state"], registry=self.registry)
        self.outcomes = Counter(
            "inkling_job_outcomes",
            "Ended jobs by outcome and reason",
            ["outcome", "reason"],
            registry=self.registry,
        )
        self.acknowledgement = Histogram(
            "inkling_acknowledgement_seconds",
            "From a message's arrival to its acknowledgement shown",
            ["platform"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.progress_late = Histogram(
            "inkling_progress_late_seconds",
            "How long after it was due a progress message was shown",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.outbox = Gauge("inkling_outbox_messages", "Messages waiting to be shown", registry=self.registry)
        self.sends = Counter(
            "inkling_platform_calls",
            "Messages sent and edited",
            ["platform", "call", "result"],
            registry=self.registry,
        )
        self.backend_calls = Counter(
            "inkling_backend_calls",
            "Calls to backends by result",
            ["backend", "call", "result"],
            registry=self.registry,
        )
        self.quota = Gauge(
            "inkling_platform_quota_calls",
            "Calls of this month where a platform has a quota",
            ["platform"],
            registry=self.registry,
        )
