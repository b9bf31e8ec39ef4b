CREATE TABLE assets (
    asset_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    division TEXT NOT NULL,
    address TEXT NOT NULL,
    geometry TEXT,
    datum_in TEXT NOT NULL,
    org TEXT NOT NULL,
    contacts TEXT NOT NULL,
    status TEXT NOT NULL,
    details TEXT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    verified_at BIGINT,
    search TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT assets_source_key UNIQUE (source, source_id)
);

CREATE INDEX assets_by_name ON assets (name, asset_id);
CREATE INDEX assets_by_kind ON assets (kind, name);
