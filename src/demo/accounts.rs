//! Who may sign in to the demonstration: random passwords, shown at every start, kept beside the data.

use std::path::Path;

use super::city::{PEOPLE, VENUES};
use crate::identity::{self, Provision, Rights, Role, VenueId};
use crate::platform::{Ctx, Failure, Fault};
use crate::region::DivisionCode;

/// The file in the data directory, readable by its owner only.
pub const FILE: &str = "ACCOUNTS.txt";
/// Without letters and digits that look alike.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub role: String,
    pub login: String,
    pub password: String,
    /// Base32 secret for an authenticator; administrators only.
    pub totp_secret: Option<String>,
    pub name: String,
}

/// The accounts of this data directory: read, or drawn and written down.
///
/// # Errors
/// When the file cannot be read or written.
pub fn of(dir: &Path) -> Result<Vec<Access>, Fault> {
    let path = dir.join(FILE);
    let fault = |error: std::io::Error| Fault::new(format!("keeping {}", path.display()), error);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let drawn = draw();
            write(&path, &format(&drawn)).map_err(fault)?;
            Ok(drawn)
        }
        Err(error) => Err(fault(error)),
    }
}

/// Makes every account that is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn provide(ctx: &Ctx, all: &[Access]) -> Result<(), Failure> {
    for access in all {
        let (role, division, venue_id) = place_of(&access.login);
        identity::provision(
            ctx,
            Provision {
                login: access.login.clone(),
                name: access.name.clone(),
                password: access.password.clone(),
                rights: Rights {
                    roles: vec![role],
                    division,
                    venue_id,
                },
                totp_secret: access.totp_secret.clone(),
            },
        )
        .await?;
    }
    Ok(())
}

fn place_of(login: &str) -> (Role, DivisionCode, Option<VenueId>) {
    let code = |text: &str| DivisionCode::parse(text).expect("the city's codes are codes");
    if let Some(venue) = VENUES.iter().find(|venue| venue.login == login) {
        return (
            Role::Venue,
            code(venue.division),
            VenueId::parse(&venue.id()),
        );
    }
    let person = PEOPLE.iter().find(|person| person.login == login);
    person.map_or((Role::Planner, code("2201"), None), |person| {
        (person.role, code(person.division), None)
    })
}

fn draw() -> Vec<Access> {
    let people = PEOPLE.iter().map(|person| Access {
        role: person.role.as_str().to_owned(),
        login: person.login.to_owned(),
        password: password(),
        totp_secret: person.role.is_administrator().then(|| random(BASE32, 32)),
        name: person.name.to_owned(),
    });
    let venues = VENUES.iter().map(|venue| Access {
        role: Role::Venue.as_str().to_owned(),
        login: venue.login.to_owned(),
        password: password(),
        totp_secret: None,
        name: venue.name.to_owned(),
    });
    people.chain(venues).collect()
}

/// About 79 bits, easy to type.
fn password() -> String {
    let word = random(ALPHABET, 16);
    [&word[..4], &word[4..8], &word[8..12], &word[12..]].join("-")
}

fn random(alphabet: &[u8], length: usize) -> String {
    (0..length)
        .map(|_| char::from(alphabet[rand::random_range(0..alphabet.len())]))
        .collect()
}

fn format(all: &[Access]) -> String {
    let line = |access: &Access| {
        let totp = access.totp_secret.as_deref().unwrap_or("-");
        [
            &access.role,
            &access.login,
            &access.password,
            totp,
            &access.name,
        ]
        .map(|field| field.to_string())
        .join("\t")
    };
    let mut lines = vec!["# role\tlogin\tpassword\tauthenticator secret\tname".to_owned()];
    lines.extend(all.iter().map(line));
    lines.join("\n") + "\n"
}

fn parse(text: &str) -> Vec<Access> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t').map(str::to_owned);
            Some(Access {
                role: fields.next()?,
                login: fields.next()?,
                password: fields.next()?,
                totp_secret: fields.next().filter(|secret| secret != "-"),
                name: fields.next()?,
            })
        })
        .collect()
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_back() {
        let drawn = draw();
        assert_eq!(parse(&format(&drawn)), drawn);
    }

    #[test]
    fn every_role_has_an_account_and_no_two_share_a_password() {
        let drawn = draw();
        for role in Role::ALL {
            assert!(
                drawn.iter().any(|access| access.role == role.as_str()),
                "{}",
                role.as_str()
            );
        }
        let passwords: std::collections::BTreeSet<_> =
            drawn.iter().map(|access| &access.password).collect();
        assert_eq!(passwords.len(), drawn.len());
    }
}
