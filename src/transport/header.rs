//! Headers that the caller sets.

use crate::error::{Error, Result};
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

/// Validates a header that the caller set.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let name = HeaderName::try_from(name).map_err(|_| {
        Error::usage(format!(
            "invalid header name `{name}`; use letters, digits and dashes"
        ))
    })?;
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::usage(format!(
            "invalid value of header `{name}`: it contains a character that is not allowed; use visible ASCII characters"
        ))
    })?;
    value.set_sensitive([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&name));
    Ok((name, value))
}
