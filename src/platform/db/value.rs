//! Parameters of a statement, the same for both databases.

use crate::platform::clock::Millis;

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Real(Option<f64>),
    Bool(Option<bool>),
    Blob(Option<Vec<u8>>),
}

macro_rules! from {
    ($($ty:ty => $variant:ident $convert:expr;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(Some($convert(value)))
            }
        }

        impl From<Option<$ty>> for Value {
            fn from(value: Option<$ty>) -> Self {
                Self::$variant(value.map($convert))
            }
        }
    )*};
}

from! {
    String => Text std::convert::identity;
    &str => Text str::to_owned;
    &String => Text String::clone;
    i64 => Int std::convert::identity;
    i32 => Int i64::from;
    u32 => Int i64::from;
    u16 => Int i64::from;
    Millis => Int |at: Millis| at.0;
    f64 => Real std::convert::identity;
    bool => Bool std::convert::identity;
    Vec<u8> => Blob std::convert::identity;
    &[u8] => Blob <[u8]>::to_vec;
    serde_json::Value => Text |json: serde_json::Value| json.to_string();
    &serde_json::Value => Text |json: &serde_json::Value| json.to_string();
}

/// Binds each value in order to an sqlx query.
macro_rules! bind {
    ($query:expr, $args:expr) => {{
        let mut query = $query;
        for value in $args {
            query = match value {
                $crate::platform::db::Value::Text(v) => query.bind(v),
                $crate::platform::db::Value::Int(v) => query.bind(v),
                $crate::platform::db::Value::Real(v) => query.bind(v),
                $crate::platform::db::Value::Bool(v) => query.bind(v),
                $crate::platform::db::Value::Blob(v) => query.bind(v),
            };
        }
        query
    }};
}
pub(super) use bind;

/// `($1, $2), ($3, $4)` for two rows of two columns. SQLite gets bare question marks: it looks each named parameter up
/// among all of its statement, so that the time of a large statement grows with the square of its parameters.
pub(super) fn rows_of(postgres: bool, columns: usize, rows: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            text.push(if postgres { '$' } else { '?' });
            if postgres {
                text.push_str(&(row * columns + column + 1).to_string());
            }
        }
        text.push(')');
    }
    text
}

/// The statement's first words, for the text of a fault.
pub(super) fn first_line(sql: &str) -> String {
    sql.trim()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect()
}
