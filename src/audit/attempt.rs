//! Which requests are worth an entry of their own.

use crate::identity::Action;
use crate::identity::policy::DataClass;

/// What happened to a request.
#[derive(Clone, Copy, Debug)]
pub struct Happened {
    /// The method may change something.
    pub is_command: bool,
    pub status: u16,
    pub action: Option<Action>,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// A command that was refused, or a reading that is not allowed.
    Refused,
    /// Personal data were read.
    PersonalRead,
}

impl Noted {
    pub fn kind(self) -> &'static str {
        match self {
            Self::Refused => "audit.refused",
            Self::PersonalRead => "audit.personal_read",
        }
    }
}

/// `None`: the command's own journal entry is enough, or nothing of weight was asked.
pub fn noted(happened: Happened) -> Option<Noted> {
    let personal = happened
        .action
        .is_some_and(|action| action.rule().class == DataClass::Personal);
    match happened.status {
        401 | 403 => Some(Noted::Refused),
        400..=499 if happened.is_command => Some(Noted::Refused),
        200..=299 if personal && !happened.is_command => Some(Noted::PersonalRead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(is_command: bool, status: u16) -> Option<Noted> {
        noted(Happened {
            is_command,
            status,
            action: Some(Action::ReadIncidents),
        })
    }

    #[test]
    fn refused_commands_and_forbidden_readings_are_noted() {
        assert_eq!(note(true, 422), Some(Noted::Refused));
        assert_eq!(note(true, 409), Some(Noted::Refused));
        assert_eq!(note(false, 403), Some(Noted::Refused));
        assert_eq!(note(false, 404), None);
        assert_eq!(note(true, 201), None);
        assert_eq!(note(false, 200), None);
        assert_eq!(note(true, 500), None);
    }
}
