//! Typed ids: UUIDv7 as lower-case text, ordered by the time they were made.

use uuid::{NoContext, Timestamp, Uuid};

use super::clock::Millis;

/// Fresh UUIDv7 text for an entity made at `now`.
#[must_use]
pub fn fresh(now: Millis) -> String {
    let ms = u64::try_from(now.0).unwrap_or_default();
    let stamp = Timestamp::from_unix(NoContext, ms / 1_000, (ms % 1_000) as u32 * 1_000_000);
    Uuid::new_v7(stamp).to_string()
}

/// Lower-case hyphenated form of any UUID text, or nothing when it is not one.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.to_string())
}

/// Defines an id type. A client may choose the id of what it creates: any UUID is accepted.
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        $vis struct $name(String);

        impl $name {
            #[must_use]
            $vis fn new(now: $crate::platform::clock::Millis) -> Self {
                Self($crate::platform::id::fresh(now))
            }

            /// Nothing when the text is not a UUID.
            #[must_use]
            $vis fn parse(text: &str) -> Option<Self> {
                $crate::platform::id::canonical(text).map(Self)
            }

            #[must_use]
            $vis fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| ::serde::de::Error::custom("expected a UUID"))
            }
        }

        impl From<&$name> for $crate::platform::db::Value {
            fn from(id: &$name) -> Self {
                Self::Text(Some(id.0.clone()))
            }
        }

        impl From<$name> for $crate::platform::db::Value {
            fn from(id: $name) -> Self {
                Self::Text(Some(id.0))
            }
        }

        impl From<Option<$name>> for $crate::platform::db::Value {
            fn from(id: Option<$name>) -> Self {
                Self::Text(id.map(|id| id.0))
            }
        }
    };
}
