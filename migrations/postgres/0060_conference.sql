CREATE TABLE venues (
    venue_id TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    division TEXT NOT NULL,
    level TEXT NOT NULL,
    kind TEXT NOT NULL,
    remote_open_ok BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    retired_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT venues_pkey PRIMARY KEY (venue_id),
    CONSTRAINT venues_level_known CHECK (level IN ('city', 'county', 'town')),
    CONSTRAINT venues_kind_known CHECK (kind IN ('av', 'audio_only', 'listen_only', 'source'))
);

CREATE INDEX venues_division ON venues (division, venue_id);

CREATE TABLE conferences (
    conference_id TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    division TEXT NOT NULL,
    incident_id TEXT,
    phase TEXT NOT NULL,
    active_main TEXT NOT NULL,
    standby_main TEXT,
    self_open_ok BOOLEAN NOT NULL,
    closed_on_entry BOOLEAN NOT NULL,
    people TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT conferences_pkey PRIMARY KEY (conference_id),
    CONSTRAINT conferences_kind_known CHECK (kind IN ('meeting', 'consultation')),
    CONSTRAINT conferences_phase_known CHECK (phase IN ('planned', 'running', 'ended'))
);

CREATE INDEX conferences_phase ON conferences (phase, conference_id);
CREATE INDEX conferences_incident ON conferences (incident_id);

CREATE TABLE conference_seats (
    conference_id TEXT NOT NULL,
    venue_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    remote_open_ok BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    connection TEXT NOT NULL,
    connection_since_at BIGINT,
    redials BIGINT NOT NULL,
    failed_reason TEXT,
    mic_closed_by TEXT,
    speaker_closed BOOLEAN NOT NULL,
    CONSTRAINT conference_seats_pkey PRIMARY KEY (conference_id, venue_id),
    CONSTRAINT conference_seats_conference FOREIGN KEY (conference_id) REFERENCES conferences (conference_id),
    CONSTRAINT conference_seats_venue FOREIGN KEY (venue_id) REFERENCES venues (venue_id)
);

CREATE INDEX conference_seats_venue_id ON conference_seats (venue_id, conference_id);

CREATE TABLE media_tokens (
    token_hash TEXT NOT NULL,
    conference_id TEXT NOT NULL,
    venue_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT media_tokens_pkey PRIMARY KEY (token_hash)
);
