//! Parameters with several values, and booleans that are sent as digits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Several strings that are sent as one, separated by commas: `name,size`.
///
/// ```
/// use globus_sdk::types::CommaList;
///
/// assert_eq!(CommaList::from(["name", "size"]).to_string(), "name,size");
/// assert_eq!(CommaList::from("name,size"), CommaList::from(["name", "size"]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommaList(pub Vec<String>);

impl fmt::Display for CommaList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

impl Serialize for CommaList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CommaList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.as_str().into())
    }
}

impl From<&str> for CommaList {
    fn from(text: &str) -> Self {
        Self(text.split(',').map(str::to_owned).collect())
    }
}

/// A parameter that may occur more than once: `filter=a&filter=b`.
///
/// ```
/// use globus_sdk::types::RepeatedParam;
///
/// let one: RepeatedParam = "name:~*.txt".into();
/// let two: RepeatedParam = ["type:dir", "name:~*.txt"].into();
/// assert_eq!((one.0.len(), two.0.len()), (1, 2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepeatedParam(pub Vec<String>);

impl From<&str> for RepeatedParam {
    fn from(one: &str) -> Self {
        Self(vec![one.to_owned()])
    }
}

/// The `From` conversions of both kinds of list.
macro_rules! from_lists {
    ($($list:ident),*) => {$(
        impl From<String> for $list {
            fn from(text: String) -> Self {
                text.as_str().into()
            }
        }

        impl<S: Into<String>, const N: usize> From<[S; N]> for $list {
            fn from(items: [S; N]) -> Self {
                items.into_iter().collect()
            }
        }

        impl<S: Into<String>> From<Vec<S>> for $list {
            fn from(items: Vec<S>) -> Self {
                items.into_iter().collect()
            }
        }

        impl<S: Into<String>> FromIterator<S> for $list {
            fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
                Self(items.into_iter().map(Into::into).collect())
            }
        }
    )*};
}
from_lists!(CommaList, RepeatedParam);

/// A boolean that is sent as `1` or `0`.
///
/// ```
/// use globus_sdk::types::IntBool;
///
/// assert_eq!(IntBool::from(true).to_string(), "1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntBool(pub bool);

impl From<bool> for IntBool {
    fn from(value: bool) -> Self {
        Self(value)
    }
}

impl fmt::Display for IntBool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "1" } else { "0" })
    }
}

impl Serialize for IntBool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(u8::from(self.0))
    }
}

impl<'de> Deserialize<'de> for IntBool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|digit| Self(digit != 0))
    }
}
