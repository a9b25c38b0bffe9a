//! A recorded answer, decoded and encoded again.

use super::json_path;
use super::request_secrets::RequestSecrets;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{Operation, RoundTrip};
use crate::types::{Json, without_extra};
use bytes::Bytes;

impl Operation {
    /// Decodes a recorded response as the operation's type and encodes it again. The result also
    /// lists the fields that the spec does not have. An error response results in its document.
    ///
    /// # Errors
    ///
    /// Kind `Decode`, with the JSON path, when the response does not match the type.
    ///
    /// ```
    /// use globus_sdk::operation::Operation;
    ///
    /// let operation = Operation::find("transfer", "GET", "/v0.10/submission_id").unwrap();
    /// let body = r#"{"DATA_TYPE":"submission_id","value":"00000000-0000-0000-0000-000000000000","x":1}"#;
    /// let round_trip = operation.decode_round_trip(200, body.as_bytes())?;
    /// assert_eq!(round_trip.document, serde_json::from_str::<serde_json::Value>(body).unwrap());
    /// assert_eq!(round_trip.unknown_fields, ["x"]);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn decode_round_trip(&self, status: u16, body: &[u8]) -> Result<RoundTrip> {
        let sent = RequestSecrets::none(self);
        let decode = |e: serde_json::Error| {
            let place = json_path::place(body, &e, &sent);
            Error::new(ErrorKind::Decode, place).with_operation(self.name.into())
        };
        if !(200..300).contains(&status) {
            let status = http::StatusCode::from_u16(status)
                .map_err(|_| Error::usage(format!("invalid HTTP status {status}")))?;
            let error = Error::api(
                status,
                http::HeaderMap::new(),
                Bytes::copy_from_slice(body),
                sent.redactor(),
            );
            let document = error.json().cloned();
            return Ok(RoundTrip {
                document: document.unwrap_or(Json::Null),
                unknown_fields: Vec::new(),
            });
        }
        let Some(round_trip) = self.round_trip else {
            return Ok(RoundTrip {
                document: Json::Null,
                unknown_fields: Vec::new(),
            });
        };
        let document = round_trip(body).map_err(decode)?;
        let typed = without_extra(|| round_trip(body)).map_err(decode)?;
        let mut unknown_fields = Vec::new();
        lost(&document, &typed, String::new(), &mut unknown_fields);
        Ok(RoundTrip {
            document,
            unknown_fields,
        })
    }
}

/// The paths at which `typed` has less than `whole`.
fn lost(whole: &Json, typed: &Json, at: String, paths: &mut Vec<String>) {
    match (whole, typed) {
        (Json::Object(whole), Json::Object(typed)) => {
            for (key, value) in whole {
                let at = if at.is_empty() {
                    key.clone()
                } else {
                    format!("{at}.{key}")
                };
                match typed.get(key) {
                    Some(typed) => lost(value, typed, at, paths),
                    None => paths.push(at),
                }
            }
        }
        (Json::Array(whole), Json::Array(typed)) => {
            for (i, (whole, typed)) in whole.iter().zip(typed).enumerate() {
                lost(whole, typed, format!("{at}[{i}]"), paths);
            }
        }
        _ => {}
    }
}
