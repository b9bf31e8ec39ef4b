CREATE TABLE incidents (
    incident_id TEXT PRIMARY KEY,
    number TEXT NOT NULL CONSTRAINT incidents_number_key UNIQUE,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    level TEXT CONSTRAINT incidents_level_known CHECK (level IN ('I', 'II', 'III', 'IV')),
    level_basis TEXT,
    status TEXT NOT NULL,
    status_reason TEXT,
    transferred_to TEXT,
    -- Both set exactly while the status is 'duplicate': a merge moves no row, so taking it back restores everything.
    duplicate_of TEXT CONSTRAINT incidents_duplicate_of_fkey REFERENCES incidents (incident_id),
    status_before_merge TEXT,
    division TEXT NOT NULL,
    place_text TEXT NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    datum_in TEXT NOT NULL,
    description TEXT NOT NULL,
    sensitive TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    occurred_at BIGINT,
    received_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    import_id TEXT,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX incidents_newest ON incidents (received_at, incident_id);
CREATE INDEX incidents_by_duplicate ON incidents (duplicate_of);
CREATE INDEX incidents_by_import ON incidents (import_id);

-- The last number given out, per division and day. Never set back: a number is never issued twice.
CREATE TABLE incident_numbers (
    division TEXT NOT NULL,
    day TEXT NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT incident_numbers_key PRIMARY KEY (division, day)
);

CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL CONSTRAINT calls_incident_id_fkey REFERENCES incidents (incident_id),
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    import_id TEXT,
    line BIGINT,
    service TEXT NOT NULL,
    caller TEXT NOT NULL,
    phone TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    occurred_at BIGINT,
    place_text TEXT NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    datum_in TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT calls_source_key UNIQUE (source, source_id)
);

CREATE INDEX calls_by_incident ON calls (incident_id, received_at);
CREATE INDEX calls_by_time ON calls (received_at);
CREATE INDEX calls_by_point ON calls (lon, lat);
CREATE INDEX calls_by_import ON calls (import_id);

CREATE TABLE incident_figures (
    figure_id TEXT PRIMARY KEY,
    incident_id TEXT NOT NULL CONSTRAINT incident_figures_incident_id_fkey REFERENCES incidents (incident_id),
    figure_key TEXT NOT NULL,
    figure BIGINT NOT NULL,
    as_of BIGINT NOT NULL,
    source TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_by_name TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE INDEX incident_figures_by_incident ON incident_figures (incident_id, figure_key, as_of);
