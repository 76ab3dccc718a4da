-- The model that a person chose by name, per kind of task ("image", "video"). Only chosen ones stand here.
CREATE TABLE preferences (
    person   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    model    TEXT NOT NULL,
    saved_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (person, kind)
);
