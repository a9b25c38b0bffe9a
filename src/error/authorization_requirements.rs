//! What a service says a login lacks, in any of its formats.
//!
//! A service that needs a different login answers with an error that says which: a document with
//! `authorization_parameters`, which the Python SDK calls a GARE (Globus Auth requirements error).
//! Four older formats came before it, and services still send all of them.

use super::authorization_parameters::AuthorizationParameters;
use super::text::{LIMIT as TEXT_LIMIT, one_line};
use crate::scope::scope_string::ScopeString;
use crate::types::extra_fields::ExtraFields;
use crate::types::json;
use serde_json::{Map, Value as Json};
use std::fmt;

/// What a login lacks, and therefore what to do: pass it to
/// [`Globus::login_with`](crate::Globus::login_with).
///
/// [`Error::auth_requirements`](crate::Error::auth_requirements) finds it in an error of any
/// service. `Display` is a sentence for the user.
///
/// ```no_run
/// # async fn run(globus: globus_sdk::Globus, data: globus_sdk::transfer::TransferData) -> globus_sdk::Result<()> {
/// let transfer = globus.transfer();
/// let mut submitted = transfer.submit_transfer(&data).await;
/// if let Err(error) = &submitted
///     && let Some(requirements) = error.auth_requirements()
/// {
///     globus.login_with(requirements).await?;
///     submitted = transfer.submit_transfer(&data).await;
/// }
/// println!("task {}", submitted?.task_id);
/// # Ok(()) }
/// ```
#[doc(alias = "GARE")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuthorizationRequirements {
    /// What is missing, such as `ConsentRequired`; `AuthorizationRequired` when the service gives
    /// no code.
    pub code: String,
    /// What a login must satisfy.
    pub parameters: AuthorizationParameters,
    /// Other fields that the service sent.
    pub extra: ExtraFields,
}

impl AuthorizationRequirements {
    /// Reads a document, the first matching entry of its `errors`, or a storage system's answer
    /// quoted in its message. For documents that do not come as an [`Error`](crate::Error), such as
    /// the reason why a timer stopped.
    ///
    /// `None` when the document has none of the five formats, or one of its known fields is
    /// malformed.
    ///
    /// ```
    /// use globus_sdk::auth::AuthorizationRequirements;
    ///
    /// let document = serde_json::json!({"code": "ConsentRequired", "required_scopes": ["a[*b]"]});
    /// let requirements = AuthorizationRequirements::from_json(&document).expect("requirements");
    /// assert_eq!(requirements.parameters.required_scopes.as_str(), "a[*b]");
    /// assert_eq!(requirements.to_string(), "log in again, with consent to `a[*b]`");
    /// assert!(AuthorizationRequirements::from_json(&serde_json::json!({"code": "NotFound"})).is_none());
    /// ```
    #[doc(alias = "to_gare")]
    pub fn from_json(document: &Json) -> Option<Self> {
        let errors = document.get("errors").unwrap_or(document).as_array();
        let documents = || {
            std::iter::once(document)
                .chain(document.get("error"))
                .chain(errors.into_iter().flatten())
                .filter_map(Json::as_object)
        };
        // a whole document first: a quoted answer counts only when the service itself says nothing
        let own = documents().find_map(|fields| {
            parameters(fields)
                .or_else(|| consent(fields))
                .or_else(|| dependent_consent(fields))
        });
        own.or_else(|| {
            documents().find_map(|fields| {
                let quoted = quoted_result(fields.get("message")?.as_str()?)?;
                parameters(quoted.as_object()?)
            })
        })
    }
}

/// The result document of Globus Connect Server that a GridFTP message quotes.
fn quoted_result(message: &str) -> Option<Json> {
    let (_, result) = message.split_once("GridFTP-JSON-Result: ")?;
    let result = json::mended(result);
    let mut documents = serde_json::Deserializer::from_str(&result).into_iter();
    documents.next()?.ok()
}

type Fields = Map<String, Json>;

const CONSENT: &str = "ConsentRequired";

/// The current format, and that of services that send no `code`, or commas in place of lists.
fn parameters(fields: &Fields) -> Option<AuthorizationRequirements> {
    let code = match text(fields, "code")? {
        Some(code) if !code.is_empty() => code,
        _ => "AuthorizationRequired".to_owned(),
    };
    let given = fields.get("authorization_parameters")?.as_object()?;
    let mut parameters = AuthorizationParameters {
        session_message: text(given, "session_message")?,
        session_required_identities: list(given, "session_required_identities")?,
        session_required_policies: list(given, "session_required_policies")?,
        session_required_single_domain: list(given, "session_required_single_domain")?,
        session_required_mfa: match given.get("session_required_mfa") {
            None | Some(Json::Null) => None,
            Some(required) => Some(required.as_bool()?),
        },
        required_scopes: scopes(given, "required_scopes")?.unwrap_or_default(),
        prompt: text(given, "prompt")?,
        extra: rest(given, |name| PARAMETERS.contains(&name)),
        ..AuthorizationParameters::default()
    };
    // some services put the scopes next to the parameters, where the older formats have them
    if code == CONSENT && parameters.required_scopes.as_str().is_empty() {
        let beside = ["required_scopes", "required_scope"];
        let mut beside = beside.iter().filter_map(|name| scopes(fields, name)?);
        parameters.required_scopes = beside.next().unwrap_or_default();
    }
    Some(AuthorizationRequirements {
        code,
        parameters,
        extra: rest(fields, |name| {
            matches!(name, "code" | "authorization_parameters")
        }),
    })
}

const PARAMETERS: [&str; 7] = [
    "required_scopes",
    "session_message",
    "session_required_identities",
    "session_required_policies",
    "session_required_single_domain",
    "session_required_mfa",
    "prompt",
];

/// Transfer's format, with `required_scopes`, and that of action providers, with `required_scope`.
fn consent(fields: &Fields) -> Option<AuthorizationRequirements> {
    if fields.get("code")?.as_str()? != CONSENT {
        return None;
    }
    let (name, message) = match fields.get("required_scopes") {
        Some(Json::Array(_)) => ("required_scopes", "message"),
        _ => ("required_scope", "description"),
    };
    Some(AuthorizationRequirements {
        code: CONSENT.to_owned(),
        parameters: AuthorizationParameters {
            required_scopes: scopes(fields, name)??,
            session_message: text(fields, message)?,
            ..AuthorizationParameters::default()
        },
        extra: rest(fields, |known| known == "code" || known == name),
    })
}

/// Auth's format when a service requests dependent tokens.
fn dependent_consent(fields: &Fields) -> Option<AuthorizationRequirements> {
    if fields.get("error")?.as_str()? != "dependent_consent_required" {
        return None;
    }
    let errors = fields.get("errors")?.as_array()?;
    errors.first()?.as_object()?;
    let mut unapproved = Vec::new();
    for error in errors.iter().filter_map(Json::as_object) {
        unapproved.extend(scopes(error, "unapproved_scopes")?);
    }
    Some(AuthorizationRequirements {
        code: CONSENT.to_owned(),
        parameters: AuthorizationParameters {
            required_scopes: unapproved.into(),
            ..AuthorizationParameters::default()
        },
        extra: rest(fields, |name| matches!(name, "error" | "errors")),
    })
}

/// An optional text. The outer `None` means a value of another type.
fn text(fields: &Fields, name: &str) -> Option<Option<String>> {
    match fields.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(value) => value.as_str().map(|text| Some(text.to_owned())),
    }
}

/// An optional list of texts, or one text with commas. `None` for a value of another type.
fn list(fields: &Fields, name: &str) -> Option<Vec<String>> {
    match fields.get(name) {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::String(text)) => Some(
            text.split(',')
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect(),
        ),
        Some(value) => texts(value),
    }
}

/// An optional list of scopes, or one scope. The outer `None` means a value of another type.
fn scopes(fields: &Fields, name: &str) -> Option<Option<ScopeString>> {
    match fields.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(Json::String(text)) => Some(Some(text.into())),
        Some(value) => texts(value).map(|scopes| Some(scopes.into())),
    }
}

fn texts(value: &Json) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| item.as_str().map(str::to_owned)).collect()
}

fn rest(fields: &Fields, known: impl Fn(&str) -> bool) -> ExtraFields {
    let mut extra = ExtraFields::default();
    for (name, value) in fields.iter().filter(|(name, _)| !known(name)) {
        extra.insert(name, value.clone());
    }
    extra
}

impl fmt::Display for AuthorizationRequirements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = &self.parameters;
        f.write_str("log in again")?;
        if !parameters.required_scopes.as_str().is_empty() {
            let scopes = parameters.required_scopes.as_str();
            write!(f, ", with consent to `{}`", one_line(scopes, TEXT_LIMIT))?;
        }
        for (said, values, and) in [
            (", as ", &parameters.session_required_identities, " and "),
            (
                ", with an identity of ",
                &parameters.session_required_single_domain,
                " or ",
            ),
            (
                ", as the policy asks: ",
                &parameters.session_required_policies,
                " and ",
            ),
        ] {
            if !values.is_empty() {
                write!(f, "{said}{}", one_line(&values.join(and), TEXT_LIMIT))?;
            }
        }
        if parameters.session_required_mfa == Some(true) {
            f.write_str(", with more than one factor")?;
        }
        Ok(())
    }
}

impl From<AuthorizationRequirements> for AuthorizationParameters {
    fn from(requirements: AuthorizationRequirements) -> Self {
        requirements.parameters
    }
}

impl From<&AuthorizationRequirements> for AuthorizationParameters {
    fn from(requirements: &AuthorizationRequirements) -> Self {
        requirements.parameters.clone()
    }
}
