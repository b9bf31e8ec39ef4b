//! What time it is: told to everybody, asked by nobody else.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// UTC milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    pub const SECOND: i64 = 1_000;
    pub const MINUTE: i64 = 60 * Self::SECOND;
    pub const HOUR: i64 = 60 * Self::MINUTE;
    pub const DAY: i64 = 24 * Self::HOUR;

    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The one clock of the process. The system variant reads wall time once and then follows the
/// monotonic clock, so that a jump of the machine's clock never shortens a session or a deadline.
#[derive(Debug, Clone)]
pub enum Clock {
    System {
        started: Instant,
        at_start: Millis,
    },
    /// A clock that stands still until it is moved: for tests and rehearsals.
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place where the machine's clocks are read"
    )]
    pub fn system() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self::System {
            started: Instant::now(),
            at_start: Millis(since_epoch.as_millis() as i64),
        }
    }

    #[must_use]
    pub fn fixed(at: Millis) -> Self {
        Self::Virtual(Arc::new(AtomicI64::new(at.0)))
    }

    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            Self::System { started, at_start } => {
                at_start.plus(started.elapsed().as_millis() as i64)
            }
            Self::Virtual(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a virtual clock forward.
    ///
    /// # Panics
    /// On the system clock, which nobody may move.
    pub fn advance(&self, ms: i64) {
        match self {
            Self::System { .. } => panic!("the system clock cannot be moved"),
            Self::Virtual(at) => {
                at.fetch_add(ms, Ordering::SeqCst);
            }
        }
    }
}
