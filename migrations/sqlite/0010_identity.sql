CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT accounts_kind_known CHECK (kind IN ('person', 'device')),
    -- Lower case; what is typed at sign-in. A device has a made-up one.
    login TEXT NOT NULL CONSTRAINT accounts_login_key UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    division TEXT NOT NULL,
    venue_id TEXT,
    password_hash TEXT,
    must_change_password BOOLEAN NOT NULL,
    totp_secret TEXT,
    totp_confirmed BOOLEAN NOT NULL,
    -- The last time step a code was accepted for: no code is good twice.
    totp_last_step BIGINT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX accounts_by_division ON accounts (division);

CREATE TABLE sessions (
    -- SHA-256 of the token in the cookie; the token itself is nowhere.
    token_hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL CONSTRAINT sessions_id_key UNIQUE,
    account_id TEXT NOT NULL CONSTRAINT sessions_account_known REFERENCES accounts (account_id),
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    idle_ms BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    source TEXT NOT NULL,
    agent TEXT NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id, created_at);

-- One-time codes: the set-up of a fresh tower, the enrolment of a venue terminal.
CREATE TABLE one_time_codes (
    code_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL CONSTRAINT one_time_codes_purpose_known CHECK (purpose IN ('setup', 'device')),
    account_id TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Failures to sign in, counted by account at a source, by account and by source.
CREATE TABLE sign_in_failures (
    counter TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_failure_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_failure_at);
