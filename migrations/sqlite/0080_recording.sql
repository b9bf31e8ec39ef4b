CREATE TABLE recordings (
    recording_id TEXT NOT NULL,
    conference_id TEXT NOT NULL,
    title TEXT NOT NULL,
    division TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_why TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT recordings_pkey PRIMARY KEY (recording_id),
    CONSTRAINT recordings_conference FOREIGN KEY (conference_id) REFERENCES conferences (conference_id),
    CONSTRAINT recordings_ended_why_known CHECK (ended_why IN ('asked', 'conference_ended', 'disk_full', 'disk_failed'))
);

-- A conference is recorded once at a time.
CREATE UNIQUE INDEX recordings_running ON recordings (conference_id) WHERE ended_at IS NULL;
CREATE INDEX recordings_conference_order ON recordings (conference_id, recording_id);

CREATE TABLE recording_segments (
    segment_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    venue_id TEXT NOT NULL,
    venue_name TEXT NOT NULL,
    file TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    picture_codec TEXT,
    width BIGINT,
    height BIGINT,
    sound BOOLEAN NOT NULL,
    gaps TEXT NOT NULL,
    hash TEXT NOT NULL,
    salvaged BOOLEAN NOT NULL,
    CONSTRAINT recording_segments_pkey PRIMARY KEY (segment_id),
    CONSTRAINT recording_segments_file UNIQUE (recording_id, venue_id, file),
    CONSTRAINT recording_segments_recording FOREIGN KEY (recording_id) REFERENCES recordings (recording_id)
);

CREATE INDEX recording_segments_order ON recording_segments (recording_id, started_at, segment_id);
