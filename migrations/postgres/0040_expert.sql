CREATE TABLE experts (
    expert_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sex TEXT NOT NULL,
    birth_year BIGINT,
    org TEXT NOT NULL,
    title TEXT NOT NULL,
    expert_groups TEXT NOT NULL,
    subjects TEXT NOT NULL,
    specialty TEXT NOT NULL,
    division TEXT NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    contacts TEXT NOT NULL,
    video_capable BOOLEAN NOT NULL,
    avoid_orgs TEXT NOT NULL,
    state TEXT NOT NULL,
    availability TEXT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    search TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT experts_source_key UNIQUE (source, source_id)
);

CREATE INDEX experts_by_name ON experts (name, expert_id);
