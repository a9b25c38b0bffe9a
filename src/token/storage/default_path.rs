//! The default paths of the token files, shared with the Python SDK's apps.

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::types::Id;
use std::path::PathBuf;

/// `~/.globus/app/{client_id}/{app_name}/tokens.json`, or its equivalent on Windows and in other
/// deployments.
pub(super) fn default_path(
    environment: &Environment,
    client_id: &Id,
    app_name: &str,
    suffix: &str,
) -> Result<PathBuf> {
    let client_id = client_id
        .uuid()
        .map_err(|text| Error::invalid_uuid("client_id", text))?;
    let name = match environment.deployment()?.as_str() {
        "production" => format!("tokens.{suffix}"),
        deployment => format!("{deployment}-tokens.{suffix}"),
    };
    let mut path = data_folder(environment)?;
    path.extend([
        "app",
        &client_id.to_string(),
        &folder_name(app_name)?,
        &name,
    ]);
    Ok(path)
}

fn home(environment: &Environment, variable: &str) -> Result<PathBuf> {
    let named = environment.variable(variable).map(PathBuf::from);
    named.or_else(std::env::home_dir).ok_or_else(|| {
        Error::usage(format!(
            "this user has no home folder; set {variable}, or pass the path of the token file"
        ))
    })
}

#[cfg(not(windows))]
pub(super) fn data_folder(environment: &Environment) -> Result<PathBuf> {
    Ok(home(environment, "HOME")?.join(".globus"))
}

#[cfg(windows)]
pub(super) fn data_folder(environment: &Environment) -> Result<PathBuf> {
    let known = ["LOCALAPPDATA", "APPDATA"];
    let known = known.iter().find_map(|name| environment.variable(name));
    let folder = match known {
        Some(folder) => PathBuf::from(folder),
        None => home(environment, "USERPROFILE")?
            .join("AppData")
            .join("Local"),
    };
    Ok(folder.join("globus"))
}

/// An app's name as a folder name, converted in the same way as the Python SDK does.
pub(super) fn folder_name(app_name: &str) -> Result<String> {
    let kept = app_name.chars().filter_map(|c| match c {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => Some('+'),
        '.' | ' ' => Some('-'),
        c => is_printable(c).then_some(c),
    });
    let name = kept.collect::<String>().to_lowercase();
    let port = |prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|number: &str| number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
    };
    // names of devices on Windows
    let reserved = matches!(name.as_str(), "con" | "prn" | "aux" | "nul");
    if name.is_empty() || reserved || port("com") || port("lpt") {
        return Err(Error::usage(format!(
            "the app name `{}` cannot be used as a folder name; choose another name",
            app_name.escape_debug()
        )));
    }
    Ok(name)
}

/// Printable in Python's sense: in no Unicode category of Other or Separator. These are the
/// characters that `str::escape_debug` leaves unchanged, except quotes.
fn is_printable(c: char) -> bool {
    // preceded by a letter, since a combining mark at the beginning would be escaped
    c == '\'' || format!("a{c}").escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_name_becomes_the_folder_that_python_makes_of_it() {
        for (name, folder) in [
            ("My App", "my-app"),
            ("a. b", "a--b"),
            ("a?\0b<>:\"/\\|*", "a+b++++++++"),
            ("../..", "--+--"),
            ("It's ÄÖ", "it's-äö"),
            ("zero\u{200b}width\u{a0}", "zerowidth"),
            ("cafe\u{301}", "cafe\u{301}"),
            ("com10", "com10"),
        ] {
            assert_eq!(folder_name(name).unwrap(), folder, "{name}");
        }
        for name in ["", "\n", "CON", "com1", "Lpt9"] {
            assert!(folder_name(name).is_err(), "{name}");
        }
    }

    #[test]
    #[cfg(not(windows))]
    fn the_default_place_is_pythons() {
        let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
        let home = Environment::empty().with_var("HOME", "/home/me");
        let path = |environment: &Environment| {
            default_path(environment, &id.into(), "My App", "json").unwrap()
        };
        assert_eq!(
            path(&home),
            PathBuf::from(format!("/home/me/.globus/app/{id}/my-app/tokens.json"))
        );
        assert_eq!(
            path(&home.with_var("GLOBUS_SDK_ENVIRONMENT", "preview")),
            PathBuf::from(format!(
                "/home/me/.globus/app/{id}/my-app/preview-tokens.json"
            ))
        );
    }

    #[test]
    fn neither_a_client_id_nor_a_deployment_can_lead_elsewhere() {
        let here = Environment::empty().with_var("HOME", "/home/me");
        assert!(default_path(&here, &"../..".into(), "app", "json").is_err());
        let elsewhere = here.with_var("GLOBUS_SDK_ENVIRONMENT", "../../x");
        let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
        assert!(default_path(&elsewhere, &id.into(), "app", "json").is_err());
    }
}
