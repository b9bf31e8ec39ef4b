CREATE TABLE call_imports (
    import_id TEXT PRIMARY KEY,
    -- Part of the numbers of the incidents it makes.
    serial BIGINT NOT NULL CONSTRAINT call_imports_serial_key UNIQUE,
    file_name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    division TEXT NOT NULL,
    state TEXT NOT NULL,
    plan TEXT,
    total_rows BIGINT NOT NULL,
    done_rows BIGINT NOT NULL,
    added BIGINT NOT NULL,
    known BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    without_place BIGINT NOT NULL,
    problems BIGINT NOT NULL,
    failure TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    undone_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE call_import_problems (
    import_id TEXT NOT NULL CONSTRAINT call_import_problems_import_id_fkey REFERENCES call_imports (import_id),
    line BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    code TEXT NOT NULL,
    column_name TEXT NOT NULL,
    found TEXT NOT NULL,
    CONSTRAINT call_import_problems_key PRIMARY KEY (import_id, line, ordinal)
);
