//! Who is asking, and what he may do: accounts, sessions, administrators, venue terminals, and the policy.
//!
//! A fresh tower prints a one-time set-up code; with it the three administrators 三员 are appointed: the
//! system administrator makes accounts, the security administrator gives them rights, the audit
//! administrator reads what happened. None of them sees business data. Everybody else asks `policy`.

mod cookie;
mod guard;
mod hashing;
mod lockout;
mod model;
mod names;
mod password;
pub mod policy;
mod refusal;
mod routes;
mod service;
mod store;
mod token;
mod totp;
mod wire;

pub use guard::{Seen, layer, source};
pub use model::{Account, AccountId, Actor, Role, SessionId, VenueId};
pub use policy::Action;
pub use routes::routes;
pub use service::accounts::{Provision, Rights, names_of, provision, still};
pub use service::setup::offer as offer_set_up;
pub use store::statements;
pub use totp::code_at as totp_code_at;
