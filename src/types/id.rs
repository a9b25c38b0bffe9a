//! Arguments that must be UUIDs.

use uuid::Uuid;

/// An identifier as an argument: a [`Uuid`], or text that is validated when the call is made.
///
/// Text that is not a UUID is an error of kind `Usage` that names operation and argument; nothing
/// is sent.
///
/// ```
/// use globus_sdk::types::{Id, Uuid};
///
/// let by_value: Id = Uuid::nil().into();
/// let by_text: Id = "00000000-0000-0000-0000-000000000000".into();
/// assert_eq!(by_value, by_text);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(Result<Uuid, String>);

impl Id {
    pub(crate) fn uuid(&self) -> Result<Uuid, &str> {
        self.0.as_ref().copied().map_err(String::as_str)
    }
}

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self(Ok(id))
    }
}

impl From<&Uuid> for Id {
    fn from(id: &Uuid) -> Self {
        Self(Ok(*id))
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self(Uuid::try_parse(text.trim()).map_err(|_| text.to_owned()))
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Id {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}
