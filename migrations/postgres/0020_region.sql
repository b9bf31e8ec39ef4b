CREATE TABLE divisions (
    -- Significant digits of the GB/T 2260 code; a code is never given to another division.
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT divisions_kind_known
        CHECK (kind IN ('province', 'city', 'county', 'zone', 'township', 'village', 'grouping')),
    pinyin TEXT NOT NULL,
    -- Days as YYYY-MM-DD; open when absent. The last day is not part of it.
    valid_from TEXT,
    valid_until TEXT,
    successor TEXT,
    -- Seat of government, WGS-84.
    seat_lon DOUBLE PRECISION,
    seat_lat DOUBLE PRECISION,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE division_boundaries (
    code TEXT NOT NULL CONSTRAINT division_boundaries_division_known REFERENCES divisions (code),
    -- YYYY-MM-DD, or empty: since before records. Holds until the next boundary of the code begins.
    valid_from TEXT NOT NULL,
    -- MultiPolygon as GeoJSON, WGS-84, valid rings.
    area TEXT NOT NULL,
    datum_in TEXT NOT NULL,
    source TEXT NOT NULL,
    repaired TEXT,
    imported_at BIGINT NOT NULL,
    CONSTRAINT division_boundaries_key PRIMARY KEY (code, valid_from)
);
