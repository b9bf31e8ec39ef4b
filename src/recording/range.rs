//! Which part of a file a player asks for (RFC 9110, 14.1 to 14.2).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    /// From, and one past the last byte.
    Part(u64, u64),
    /// Nothing of it is there.
    Beyond,
}

/// Reads a `Range` header for a file of `len` bytes. Several ranges, or what cannot be read, ask for the whole.
pub fn wanted(header: Option<&str>, len: u64) -> Wanted {
    let Some(range) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    let Some((from, until)) = range.split_once('-') else {
        return Wanted::Whole;
    };
    let (from, until) = (from.trim(), until.trim());
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than a number holds is simply beyond the end.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (from, until) {
        ("", last) => match number(last) {
            Some(0) => Wanted::Beyond,
            Some(last) => part(len.saturating_sub(last), len, len),
            None => Wanted::Whole,
        },
        (from, "") => number(from).map_or(Wanted::Whole, |from| part(from, len, len)),
        (from, until) => match (number(from), number(until)) {
            (Some(from), Some(until)) if from <= until => {
                part(from, until.saturating_add(1).min(len), len)
            }
            _ => Wanted::Whole,
        },
    }
}

fn part(from: u64, until: u64, len: u64) -> Wanted {
    if from >= len {
        Wanted::Beyond
    } else {
        Wanted::Part(from, until)
    }
}
