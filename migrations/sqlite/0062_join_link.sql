ALTER TABLE venues ADD COLUMN personal BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE join_links (
    link_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    key_hash TEXT,
    conference_id TEXT NOT NULL,
    venue_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    name TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT join_links_pkey PRIMARY KEY (link_id),
    CONSTRAINT join_links_token UNIQUE (token_hash),
    CONSTRAINT join_links_conference FOREIGN KEY (conference_id) REFERENCES conferences (conference_id),
    CONSTRAINT join_links_venue FOREIGN KEY (venue_id) REFERENCES venues (venue_id)
);

CREATE INDEX join_links_conference_id ON join_links (conference_id, link_id);
CREATE INDEX join_links_key_hash ON join_links (key_hash);
