//! Headers of the caller's own.

use crate::error::{Error, Result};
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

/// A header of the caller's.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let name = HeaderName::try_from(name).map_err(|_| {
        Error::usage(format!(
            "`{name}` is no header name; use letters, digits and dashes"
        ))
    })?;
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::usage(format!(
            "the value of header `{name}` has a character that is not allowed"
        ))
    })?;
    value.set_sensitive([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&name));
    Ok((name, value))
}
