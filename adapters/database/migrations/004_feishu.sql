-- Calls of a month: a free tenant has ten thousand.
CREATE TABLE feishu_calls (
    month TEXT PRIMARY KEY,
    calls INTEGER NOT NULL
);

-- Messages that must be shown once, under their keys: when they were first tried, and what became of them.
CREATE TABLE feishu_sends (
    key TEXT PRIMARY KEY,
    tried_at DOUBLE PRECISION NOT NULL,
    chat TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT ''
);

CREATE INDEX feishu_sends_tried_at ON feishu_sends (tried_at);
