-- Whether a message shows the upload: of those that none does a room keeps only a few.
ALTER TABLE web_uploads ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
UPDATE web_uploads SET sent = 1;
CREATE INDEX web_uploads_by_age ON web_uploads (created_at);
