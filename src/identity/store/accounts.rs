//! Rows of accounts.

use crate::identity::model::{Account, AccountId, AccountKind, Role, Totp, VenueId};
use crate::platform::clock::Millis;
use crate::platform::db::{Reader, Row, Tx, args};
use crate::platform::failure::Fault;
use crate::region::DivisionCode;

pub const STATEMENTS: &[&str] = &[
    INSERT, SAVE, BY_ID, BY_LOGIN, LIST, COUNT, WITH_ROLE, SPEND_TOTP,
];

/// What a sealed authenticator secret is bound to.
pub const TOTP_SECRET: &str = "accounts.totp_secret";

const INSERT: &str = "
    INSERT INTO accounts
           (account_id, kind, login, name, roles, division, venue_id, password_hash, must_change_password,
            totp_secret, totp_confirmed, totp_last_step, disabled_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
";

/// # Errors
/// When the database refuses; a login that is taken violates `accounts_login_key`.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<(), Fault> {
    tx.execute(
        INSERT,
        args![
            &account.id,
            kind_word(account.kind),
            &account.login,
            &account.name,
            roles_text(&account.roles),
            account.division.as_str(),
            account.venue_id.clone(),
            account.password_hash.clone(),
            account.must_change_password,
            account.totp.sealed_secret.clone(),
            account.totp.confirmed,
            account.totp.last_step,
            account.disabled_at,
            account.created_at
        ],
    )
    .await
    .map(drop)
}

const SAVE: &str = "
    UPDATE accounts
       SET name = $3
         , roles = $4
         , division = $5
         , venue_id = $6
         , password_hash = $7
         , must_change_password = $8
         , totp_secret = $9
         , totp_confirmed = $10
         , totp_last_step = $11
         , disabled_at = $12
         , version = version + 1
     WHERE account_id = $1
       AND version = $2
";

/// Saves what may change; `false` when somebody else was first.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &mut Tx, account: &Account) -> Result<bool, Fault> {
    let rows = tx
        .execute(
            SAVE,
            args![
                &account.id,
                account.version,
                &account.name,
                roles_text(&account.roles),
                account.division.as_str(),
                account.venue_id.clone(),
                account.password_hash.clone(),
                account.must_change_password,
                account.totp.sealed_secret.clone(),
                account.totp.confirmed,
                account.totp.last_step,
                account.disabled_at
            ],
        )
        .await?;
    Ok(rows == 1)
}

const SPEND_TOTP: &str = "
    UPDATE accounts
       SET totp_last_step = $2
     WHERE account_id = $1
       AND totp_last_step < $2
";

/// Marks a time step as used; `false` when another sign-in used it first.
///
/// # Errors
/// When the database does not answer.
pub async fn spend_totp(tx: &mut Tx, id: &AccountId, step: i64) -> Result<bool, Fault> {
    Ok(tx.execute(SPEND_TOTP, args![id, step]).await? == 1)
}

const BY_ID: &str = "
    SELECT account_id, kind, login, name, roles, division, venue_id, password_hash, must_change_password,
           totp_secret, totp_confirmed, totp_last_step, disabled_at, created_at, version
      FROM accounts
     WHERE account_id = $1
";

/// # Errors
/// When the database does not answer.
pub async fn by_id(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>, Fault> {
    tx.fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

/// # Errors
/// When the database does not answer.
pub async fn read_by_id(reader: Reader<'_>, id: &AccountId) -> Result<Option<Account>, Fault> {
    reader
        .fetch_optional(BY_ID, args![id])
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

const BY_LOGIN: &str = "
    SELECT account_id, kind, login, name, roles, division, venue_id, password_hash, must_change_password,
           totp_secret, totp_confirmed, totp_last_step, disabled_at, created_at, version
      FROM accounts
     WHERE login = $1
       AND kind = 'person'
";

/// # Errors
/// When the database does not answer.
pub async fn read_by_login(reader: Reader<'_>, login: &str) -> Result<Option<Account>, Fault> {
    reader
        .fetch_optional(BY_LOGIN, args![login])
        .await?
        .as_ref()
        .map(account)
        .transpose()
}

const LIST: &str = "
      SELECT account_id, kind, login, name, roles, division, venue_id, password_hash, must_change_password,
             totp_secret, totp_confirmed, totp_last_step, disabled_at, created_at, version
        FROM accounts
       WHERE kind = $1
         AND account_id > $2
         AND division LIKE $3
         AND (login LIKE $4 OR name LIKE $4)
    ORDER BY account_id
       LIMIT $5
";

/// A page of accounts of one kind under a division; `words` is part of a login or name.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    reader: Reader<'_>,
    kind: AccountKind,
    after: &str,
    under: &str,
    words: &str,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    let words: String = words
        .chars()
        .filter(|c| !matches!(c, '%' | '_' | '\\'))
        .collect();
    let rows = reader
        .fetch_all(
            LIST,
            args![
                kind_word(kind),
                after,
                format!("{under}%"),
                format!("%{words}%"),
                limit
            ],
        )
        .await?;
    rows.iter().map(account).collect()
}

const COUNT: &str = "SELECT COUNT(*) AS accounts FROM accounts";

/// # Errors
/// When the database does not answer.
pub async fn count(tx: &mut Tx) -> Result<i64, Fault> {
    tx.fetch_one(COUNT, args![]).await?.get("accounts")
}

/// # Errors
/// When the database does not answer.
pub async fn read_count(reader: Reader<'_>) -> Result<i64, Fault> {
    reader.fetch_one(COUNT, args![]).await?.get("accounts")
}

const WITH_ROLE: &str = "
    SELECT COUNT(*) AS accounts
      FROM accounts
     WHERE roles LIKE $1
       AND disabled_at IS NULL
       AND account_id <> $2
";

/// Enabled accounts with a role, without counting one of them.
///
/// # Errors
/// When the database does not answer.
pub async fn others_with_role(tx: &mut Tx, role: Role, except: &AccountId) -> Result<i64, Fault> {
    tx.fetch_one(WITH_ROLE, args![format!("%\"{}\"%", role.as_str()), except])
        .await?
        .get("accounts")
}

fn account(row: &Row) -> Result<Account, Fault> {
    Ok(Account {
        id: id(row, "account_id")?,
        kind: if row.get::<String>("kind")? == "device" {
            AccountKind::Device
        } else {
            AccountKind::Person
        },
        login: row.get("login")?,
        name: row.get("name")?,
        roles: roles(row)?,
        division: division(row)?,
        venue_id: venue(row)?,
        password_hash: row.get("password_hash")?,
        must_change_password: row.get("must_change_password")?,
        totp: Totp {
            sealed_secret: row.get("totp_secret")?,
            confirmed: row.get("totp_confirmed")?,
            last_step: row.get("totp_last_step")?,
        },
        disabled_at: row.get::<Option<i64>>("disabled_at")?.map(Millis),
        created_at: Millis(row.get("created_at")?),
        version: row.get("version")?,
    })
}

pub(super) fn id(row: &Row, column: &str) -> Result<AccountId, Fault> {
    AccountId::parse(&row.get::<String>(column)?)
        .ok_or_else(|| Fault::new("reading an account", "its id is no UUID"))
}

pub(super) fn roles(row: &Row) -> Result<Vec<Role>, Fault> {
    row.json("roles")
}

pub(super) fn division(row: &Row) -> Result<DivisionCode, Fault> {
    DivisionCode::parse(&row.get::<String>("division")?)
        .map_err(|why| Fault::new("reading an account's division", why))
}

pub(super) fn venue(row: &Row) -> Result<Option<VenueId>, Fault> {
    Ok(row
        .get::<Option<String>>("venue_id")?
        .as_deref()
        .and_then(VenueId::parse))
}

fn roles_text(roles: &[Role]) -> String {
    serde_json::to_string(roles).expect("roles are words")
}

fn kind_word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Person => "person",
        AccountKind::Device => "device",
    }
}
