//! Why something was not done: a refusal of the domain or a fault of the world.

use std::{error::Error, fmt};

use axum::Json;
use serde_json::{Map, Value};

/// What every handler returns.
pub type Answer<T> = Result<Json<T>, Failure>;

/// How a refusal is seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The request cannot be read at all.
    Malformed,
    Unauthenticated,
    Forbidden,
    Missing,
    /// True when it was asked, no longer true now; or somebody else was first.
    Conflict,
    TooLarge,
    UnsupportedMedia,
    /// Readable, but the domain says no.
    Invalid,
    TooMany,
}

/// The domain says no. Expected, not logged as trouble; the text tells the reader what to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub kind: Kind,
    /// Stable, `slice.reason`.
    pub code: &'static str,
    pub zh: String,
    pub en: String,
    pub facts: Map<String, Value>,
}

impl Refusal {
    #[must_use]
    pub fn new(
        kind: Kind,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code,
            zh: zh.into(),
            en: en.into(),
            facts: Map::new(),
        }
    }

    /// Adds a fact the client can act on, such as the current row.
    #[must_use]
    pub fn with(mut self, key: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(key.to_owned(), fact.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.en)
    }
}

impl Error for Refusal {}

/// The world failed us: database, disk, network. Carries what was being done.
#[derive(Debug)]
pub struct Fault {
    pub doing: String,
    pub source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    #[must_use]
    pub fn new(doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            doing: doing.into(),
            source: source.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.source)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

#[derive(Debug)]
pub enum Failure {
    Refusal(Box<Refusal>),
    Fault(Fault),
}

impl Failure {
    /// The refusal's code, when it is one.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refusal(refusal) => Some(refusal.code),
            Self::Fault(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(refusal) => refusal.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl Error for Failure {}

/// Every core's own refusal converts into the common one, and so into a failure.
impl<R: Into<Refusal>> From<R> for Failure {
    fn from(refusal: R) -> Self {
        Self::Refusal(Box::new(refusal.into()))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
