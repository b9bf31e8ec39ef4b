//! Reads the times of foreign files: wall clocks without offset, in a declared zone, over clock changes.

use jiff::{Timestamp, civil, fmt::strtime, tz};

use crate::platform::Millis;

/// Tried in order when no format is declared.
const USUAL: [&str; 9] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
];

/// A moment, and what was doubtful about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    pub at: Millis,
    pub doubt: Option<Doubt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The clock was set back: this wall time happened twice, the first one is taken.
    Twice,
    /// The clock was set forward: this wall time never happened, it is read as if the clock had gone on.
    Never,
}

#[must_use]
pub fn zone(name: &str) -> Option<tz::TimeZone> {
    tz::TimeZone::get(name).ok()
}

/// Whether a format can name a date and a time of day.
#[must_use]
pub fn usable(format: &str) -> bool {
    let sample = civil::date(2021, 3, 4).at(5, 6, 7, 0);
    strtime::format(format, sample).is_ok_and(|text| {
        civil::DateTime::strptime(format, &text)
            .is_ok_and(|back| back.date() == sample.date() && back.hour() == 5)
    })
}

/// Reads one time. Text with its own offset (`Z`, `+08:00`) does not need the zone.
#[must_use]
pub fn read(text: &str, format: Option<&str>, zone: &tz::TimeZone) -> Option<Read> {
    let text = text.trim();
    let wall = match format {
        Some(format) => civil::DateTime::strptime(format, text).ok()?,
        None => {
            if let Ok(exact) = text.parse::<Timestamp>() {
                return Some(Read {
                    at: Millis(exact.as_millisecond()),
                    doubt: None,
                });
            }
            // Fractions of a second are of no use here.
            let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
            USUAL
                .iter()
                .find_map(|format| civil::DateTime::strptime(format, whole).ok())?
        }
    };
    let moment = zone.to_ambiguous_timestamp(wall);
    let doubt = match moment.offset() {
        tz::AmbiguousOffset::Unambiguous { .. } => None,
        tz::AmbiguousOffset::Gap { .. } => Some(Doubt::Never),
        tz::AmbiguousOffset::Fold { .. } => Some(Doubt::Twice),
    };
    let at = moment.compatible().ok()?;
    Some(Read {
        at: Millis(at.as_millisecond()),
        doubt,
    })
}
