CREATE TABLE journal_head (
    one BIGINT PRIMARY KEY CONSTRAINT journal_head_one_row CHECK (one = 1),
    epoch TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    epoch TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    topics TEXT NOT NULL,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_version BIGINT NOT NULL,
    payload TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX journal_by_entity ON journal (entity, seq);

-- The answer of every command that carried a client's own id, kept so that a retry is harmless.
CREATE TABLE commands (
    command_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    body TEXT,
    CONSTRAINT commands_key PRIMARY KEY (account_id, command_id)
);

CREATE INDEX commands_by_age ON commands (at);
