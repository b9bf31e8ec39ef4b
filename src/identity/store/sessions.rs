//! Rows of sessions. The token is never stored, only its digest.

use super::accounts;
use crate::identity::model::{AccountId, AccountKind, Session, SessionId, WithAccount};
use crate::platform::clock::Millis;
use crate::platform::db::{Reader, Row, Tx, args};
use crate::platform::failure::Fault;

pub const STATEMENTS: &[&str] = &[
    INSERT,
    WITH_ACCOUNT,
    BY_ID_WITH_ACCOUNT,
    TOUCH,
    OF_ACCOUNT,
    END,
    END_OF_ACCOUNT,
    REPLACE_TOKEN,
];

const INSERT: &str = "
    INSERT INTO sessions
           (token_hash, session_id, account_id, created_at, last_seen_at, idle_ms, expires_at, source, agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
";

/// # Errors
/// When the database does not answer.
pub async fn insert(tx: &mut Tx, token_hash: &str, session: &Session) -> Result<(), Fault> {
    tx.execute(
        INSERT,
        args![
            token_hash,
            &session.id,
            &session.account_id,
            session.created_at,
            session.last_seen_at,
            session.idle_ms,
            session.expires_at,
            &session.source,
            &session.agent
        ],
    )
    .await
    .map(drop)
}

const WITH_ACCOUNT: &str = "
    SELECT s.session_id, s.account_id, s.created_at, s.last_seen_at, s.idle_ms, s.expires_at, s.ended_at, s.source,
           s.agent, a.kind, a.login, a.name, a.roles, a.division, a.venue_id, a.must_change_password,
           a.totp_confirmed, a.disabled_at
      FROM sessions s
      JOIN accounts a ON a.account_id = s.account_id
     WHERE s.token_hash = $1
";

/// # Errors
/// When the database does not answer.
pub async fn by_token(reader: Reader<'_>, token_hash: &str) -> Result<Option<WithAccount>, Fault> {
    reader
        .fetch_optional(WITH_ACCOUNT, args![token_hash])
        .await?
        .as_ref()
        .map(with_account)
        .transpose()
}

const BY_ID_WITH_ACCOUNT: &str = "
    SELECT s.session_id, s.account_id, s.created_at, s.last_seen_at, s.idle_ms, s.expires_at, s.ended_at, s.source,
           s.agent, a.kind, a.login, a.name, a.roles, a.division, a.venue_id, a.must_change_password,
           a.totp_confirmed, a.disabled_at
      FROM sessions s
      JOIN accounts a ON a.account_id = s.account_id
     WHERE s.session_id = $1
";

/// # Errors
/// When the database does not answer.
pub async fn by_id(reader: Reader<'_>, id: &SessionId) -> Result<Option<WithAccount>, Fault> {
    reader
        .fetch_optional(BY_ID_WITH_ACCOUNT, args![id])
        .await?
        .as_ref()
        .map(with_account)
        .transpose()
}

const TOUCH: &str = "
    UPDATE sessions
       SET last_seen_at = $2
     WHERE session_id = $1
       AND last_seen_at < $2
";

/// # Errors
/// When the database does not answer.
pub async fn touch(tx: &mut Tx, id: &SessionId, now: Millis) -> Result<(), Fault> {
    tx.execute(TOUCH, args![id, now]).await.map(drop)
}

const REPLACE_TOKEN: &str = "
    UPDATE sessions
       SET token_hash = $2
     WHERE session_id = $1
";

/// Gives a session a new token, so that one learnt before a change of rights is worth nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn replace_token(tx: &mut Tx, id: &SessionId, token_hash: &str) -> Result<(), Fault> {
    tx.execute(REPLACE_TOKEN, args![id, token_hash])
        .await
        .map(drop)
}

const OF_ACCOUNT: &str = "
      SELECT session_id, account_id, created_at, last_seen_at, idle_ms, expires_at, ended_at, source, agent
        FROM sessions
       WHERE account_id = $1
         AND ended_at IS NULL
         AND expires_at > $2
    ORDER BY created_at DESC
       LIMIT 100
";

/// Sessions of an account that may still be alive, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(
    reader: Reader<'_>,
    account: &AccountId,
    now: Millis,
) -> Result<Vec<Session>, Fault> {
    let rows = reader.fetch_all(OF_ACCOUNT, args![account, now]).await?;
    let sessions: Vec<Session> = rows.iter().map(session).collect::<Result<_, _>>()?;
    Ok(sessions
        .into_iter()
        .filter(|session| session.is_live(now))
        .collect())
}

const END: &str = "
    UPDATE sessions
       SET ended_at = $3
     WHERE session_id = $1
       AND account_id = $2
       AND ended_at IS NULL
";

/// Ends one session of an account; `false` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    tx: &mut Tx,
    id: &SessionId,
    account: &AccountId,
    now: Millis,
) -> Result<bool, Fault> {
    Ok(tx.execute(END, args![id, account, now]).await? == 1)
}

const END_OF_ACCOUNT: &str = "
    UPDATE sessions
       SET ended_at = $2
     WHERE account_id = $1
       AND ended_at IS NULL
       AND session_id <> $3
";

/// Ends all sessions of an account but one (none with an empty id).
///
/// # Errors
/// When the database does not answer.
pub async fn end_others(
    tx: &mut Tx,
    account: &AccountId,
    but: Option<&SessionId>,
    now: Millis,
) -> Result<u64, Fault> {
    tx.execute(
        END_OF_ACCOUNT,
        args![account, now, but.map_or("", SessionId::as_str)],
    )
    .await
}

fn with_account(row: &Row) -> Result<WithAccount, Fault> {
    Ok(WithAccount {
        session: session(row)?,
        kind: if row.get::<String>("kind")? == "device" {
            AccountKind::Device
        } else {
            AccountKind::Person
        },
        login: row.get("login")?,
        name: row.get("name")?,
        roles: accounts::roles(row)?,
        division: accounts::division(row)?,
        venue_id: accounts::venue(row)?,
        must_change_password: row.get("must_change_password")?,
        totp_confirmed: row.get("totp_confirmed")?,
        disabled: row.get::<Option<i64>>("disabled_at")?.is_some(),
    })
}

fn session(row: &Row) -> Result<Session, Fault> {
    Ok(Session {
        id: SessionId::parse(&row.get::<String>("session_id")?)
            .ok_or_else(|| Fault::new("reading a session", "its id is no UUID"))?,
        account_id: accounts::id(row, "account_id")?,
        created_at: Millis(row.get("created_at")?),
        last_seen_at: Millis(row.get("last_seen_at")?),
        idle_ms: row.get("idle_ms")?,
        expires_at: Millis(row.get("expires_at")?),
        ended_at: row.get::<Option<i64>>("ended_at")?.map(Millis),
        source: row.get("source")?,
        agent: row.get("agent")?,
    })
}
