//! Pages of a list: how many rows, and where the next page begins.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::failure::{Kind, Refusal};

/// Rows of a page when nobody asks for another number.
const USUAL: usize = 50;
const MOST: usize = 200;

/// A page of a list. `next` goes into the query as `after` to get the page behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Of `limit + 1` fetched rows keeps `limit`; the key of the last kept one leads to the next page.
    #[must_use]
    pub fn of(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}

/// The number of rows asked for, within bounds.
#[must_use]
pub fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(USUAL).clamp(1, MOST)
}

/// A place in a list in the order of names and ids: the last row seen, `name~id` on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByName {
    pub name: String,
    pub id: String,
}

impl ByName {
    #[must_use]
    pub fn key(name: &str, id: impl std::fmt::Display) -> String {
        format!("{name}~{id}")
    }

    /// # Errors
    /// When it is not what an earlier page gave.
    pub fn parse(after: Option<&str>) -> Result<Option<Self>, Refusal> {
        let Some(after) = after.filter(|after| !after.is_empty()) else {
            return Ok(None);
        };
        let (name, id) = after.rsplit_once('~').ok_or_else(not_a_cursor)?;
        Ok(Some(Self {
            name: name.to_owned(),
            id: id.to_owned(),
        }))
    }
}

fn not_a_cursor() -> Refusal {
    Refusal::new(
        Kind::Malformed,
        "request.bad_cursor",
        "参数 after 无效，请使用上一页返回的 next。",
        "`after` is not valid; take `next` of the page before.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_back_to_its_place_whatever_the_name() {
        for name in ["南关医院", "a~b", ""] {
            let place = ByName::parse(Some(&ByName::key(name, 7))).unwrap().unwrap();
            assert_eq!((place.name.as_str(), place.id.as_str()), (name, "7"));
        }
        assert_eq!(ByName::parse(Some("")), Ok(None));
        assert_eq!(
            ByName::parse(Some("x")).unwrap_err().code,
            "request.bad_cursor"
        );
    }
}
