-- Messages that have been claimed: nothing is handled twice, whatever is delivered twice.
CREATE TABLE seen (
    platform TEXT NOT NULL,
    message TEXT NOT NULL,
    -- chat, sender, sent time and content: the same message under a new id.
    content TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (platform, message),
    UNIQUE (platform, content)
);
CREATE INDEX seen_at ON seen (at);

-- One row a job, moved by compare-and-set on `state`.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    outcome TEXT,
    person TEXT NOT NULL,
    platform TEXT NOT NULL,
    chat TEXT NOT NULL,
    topic TEXT NOT NULL,
    task TEXT NOT NULL,
    model TEXT NOT NULL,
    size TEXT NOT NULL,
    -- What the person calls the one in the picture ("Max").
    called TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    submitted_at DOUBLE PRECISION NOT NULL,
    finished_at DOUBLE PRECISION NOT NULL,
    -- Everything else, as JSON.
    data TEXT NOT NULL
);
CREATE INDEX jobs_of_person ON jobs (person, platform, chat, topic, created_at);
CREATE INDEX jobs_unfinished ON jobs (state) WHERE state <> 'ended';
CREATE INDEX jobs_by_model ON jobs (model, task, size, finished_at);
CREATE INDEX jobs_called ON jobs (person, platform, chat, created_at) WHERE called <> '';
CREATE INDEX jobs_finished ON jobs (finished_at);

-- What has been shown of a job, step by step; the highest percent stands before it is sent.
CREATE TABLE shown (
    job TEXT NOT NULL,
    step TEXT NOT NULL,
    platform TEXT NOT NULL,
    chat TEXT NOT NULL,
    message TEXT NOT NULL,
    percent INTEGER NOT NULL,
    PRIMARY KEY (job, step)
);
CREATE INDEX shown_message ON shown (platform, chat, message);

-- Answers that are not part of a job's line (a preference saved, help, a refusal): owed until shown.
CREATE TABLE owed (
    key TEXT PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    -- Address and message, as JSON.
    data TEXT NOT NULL
);
