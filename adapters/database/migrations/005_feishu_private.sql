-- Pictures sent without words in private chats, and when the sentence that each one belongs to was sent.
CREATE TABLE feishu_pictures (
    chat TEXT NOT NULL,
    person TEXT NOT NULL,
    picture TEXT NOT NULL,
    url TEXT NOT NULL,
    name TEXT NOT NULL,
    sent_at DOUBLE PRECISION NOT NULL,
    sentence DOUBLE PRECISION NOT NULL DEFAULT 0,
    PRIMARY KEY (chat, person, picture, sent_at)
);

CREATE INDEX feishu_pictures_sent_at ON feishu_pictures (sent_at);

-- The private chat of each person: a use of the bot's menu names the person alone.
CREATE TABLE feishu_chats (
    open_id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    chat TEXT NOT NULL
);
