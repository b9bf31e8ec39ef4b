//! The code of an administrative division: one normal form, and who lies under whom.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Digits per level of a division code: province, city, county, township, village.
const GROUPS: [usize; 5] = [2, 2, 2, 3, 3];

/// First two digits in use: north, north-east, east, south, south-west, north-west, 台 港 澳.
const PROVINCES: [u8; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82,
];

/// A division by its GB/T 2260 (6 digits), GB/T 10114 (9) or statistics (12) code, significant digits only.
///
/// `22`, `220000` and `220000000000` are one province; a city is written `2201`, a county `220102`,
/// a township `220102001`. The normal form makes "lies under" a matter of prefixes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(String);

/// Level of a division by the length of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Province,
    City,
    County,
    Township,
    Village,
}

/// Why a text is not a division code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACode {
    #[error("a division code has 2, 4, 6, 9 or 12 digits")]
    Length,
    #[error("a division code consists of digits")]
    Digits,
    #[error("no province has this number")]
    Province,
    #[error("a level of the code is empty although a lower one is not")]
    Gap,
}

impl DivisionCode {
    /// Reads a code of 2, 4, 6, 9 or 12 digits; surrounding blanks are ignored.
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotACode::Digits);
        }
        if !ends_of_levels().any(|end| end == text.len()) {
            return Err(NotACode::Length);
        }
        let province = (text.as_bytes()[0] - b'0') * 10 + (text.as_bytes()[1] - b'0');
        if !PROVINCES.contains(&province) {
            return Err(NotACode::Province);
        }
        let significant = significant(text);
        // 441900003 is right (a city without counties); 220001 is nobody's: only the county pair may be empty.
        if significant.len() > 2 && &significant[2..4] == "00" {
            return Err(NotACode::Gap);
        }
        if significant.len() == 12 && &significant[6..9] == "000" {
            return Err(NotACode::Gap);
        }
        Ok(Self(significant.to_owned()))
    }

    /// The significant digits: `2201`, not `220100`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this division or lies under it.
    pub fn covers(&self, other: &DivisionCode) -> bool {
        other.0.starts_with(&self.0)
    }

    pub fn level(&self) -> Level {
        match self.0.len() {
            2 => Level::Province,
            4 => Level::City,
            6 => Level::County,
            9 => Level::Township,
            _ => Level::Village,
        }
    }

    /// The next code above, `None` for a province. A township of a city without counties lies under the city.
    pub fn parent(&self) -> Option<DivisionCode> {
        let above = ends_of_levels()
            .take_while(|end| *end < self.0.len())
            .last()?;
        Some(Self(significant(&self.0[..above]).to_owned()))
    }

    /// This code and all above it, nearest first.
    pub fn lineage(&self) -> impl Iterator<Item = DivisionCode> {
        std::iter::successors(Some(self.clone()), DivisionCode::parent)
    }

    /// The six digits of GB/T 2260 that contain this division: `2201` gives `220100`.
    pub fn six_digits(&self) -> String {
        let head = &self.0[..self.0.len().min(6)];
        format!("{head:0<6}")
    }

    /// A development zone's statistics code (third pair 71–79): real to administration, absent from GB/T 2260.
    pub fn is_zone(&self) -> bool {
        self.0.len() == 6
            && matches!(
                &self.0[4..6],
                "71" | "72" | "73" | "74" | "75" | "76" | "77" | "78" | "79"
            )
    }
}

fn ends_of_levels() -> impl Iterator<Item = usize> {
    GROUPS.into_iter().scan(0, |end, width| {
        *end += width;
        Some(*end)
    })
}

/// Drops the empty levels at the end, whole levels only: `460400100` keeps its zeros.
fn significant(text: &str) -> &str {
    let mut end = text.len();
    while let Some(start) = ends_of_levels().take_while(|level| *level < end).last() {
        if text[start..end].bytes().any(|digit| digit != b'0') {
            break;
        }
        end = start;
    }
    &text[..end]
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for DivisionCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        Self::parse(&text)
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> String {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        DivisionCode::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn three_ways_to_write_a_city_are_one_code() {
        for text in ["2201", "220100", "220100000", "220100000000", " 2201 "] {
            assert_eq!(code(text).as_str(), "2201");
        }
        assert_eq!(code("220000000000").as_str(), "22");
        assert_eq!(code("110101001000").as_str(), "110101001");
    }

    #[test]
    fn zeros_that_carry_meaning_stay() {
        assert_eq!(code("460400100").as_str(), "460400100");
        assert_eq!(code("460400500000").as_str(), "460400500");
        assert_eq!(code("620201100").as_str(), "620201100");
        assert_eq!(code("110101001100").as_str(), "110101001100");
    }

    #[test]
    fn what_is_no_code_is_refused_with_the_reason() {
        for (text, why) in [
            ("", NotACode::Length),
            ("220", NotACode::Length),
            ("22010", NotACode::Length),
            ("100000_JD", NotACode::Digits),
            ("9100", NotACode::Province),
            ("100000", NotACode::Province),
            ("0", NotACode::Length),
            ("220001", NotACode::Gap),
            ("220102000001", NotACode::Gap),
            ("２２０１", NotACode::Digits),
        ] {
            assert_eq!(DivisionCode::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_division_covers_itself_and_what_lies_under_it() {
        assert!(code("2201").covers(&code("220100")));
        assert!(code("2201").covers(&code("220102001")));
        assert!(code("22").covers(&code("2201")));
        assert!(!code("220102").covers(&code("2201")));
        assert!(!code("2201").covers(&code("2203")));
        assert!(code("441900").covers(&code("441900003")));
    }

    #[test]
    fn the_way_up_skips_a_county_that_does_not_exist() {
        let up: Vec<_> = code("441900003").lineage().map(String::from).collect();
        assert_eq!(up, ["441900003", "4419", "44"]);
        let up: Vec<_> = code("220102001").lineage().map(String::from).collect();
        assert_eq!(up, ["220102001", "220102", "2201", "22"]);
    }

    #[test]
    fn development_zones_are_told_by_their_third_pair() {
        assert!(code("220171").is_zone() && code("220174").is_zone());
        assert!(!code("220184").is_zone() && !code("2201").is_zone());
    }
}
