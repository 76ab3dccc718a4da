-- A person's room in the web chat. The counter orders all that happens in it; a new epoch tells pages
-- that were open before to forget what they show.
CREATE TABLE web_rooms (
    id TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    revision INTEGER NOT NULL
);

-- What the web chat shows, there again after a reload and after a restart. The id of a message of the bot
-- follows from its key, so the same key never shows twice.
CREATE TABLE web_messages (
    id TEXT PRIMARY KEY,
    room TEXT NOT NULL,
    -- The room's counter when the message came, and when it last changed.
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    -- What to show, as JSON.
    body TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    -- 1: a person's message that is stored but not yet handed over.
    owed INTEGER NOT NULL
);
CREATE INDEX web_messages_by_position ON web_messages (room, position);
CREATE INDEX web_messages_by_revision ON web_messages (room, revision);
CREATE INDEX web_messages_owed ON web_messages (owed) WHERE owed = 1;

-- Pictures that people sent. The file's name is its id.
CREATE TABLE web_uploads (
    id TEXT PRIMARY KEY,
    room TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    created_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX web_uploads_of_room ON web_uploads (room);
