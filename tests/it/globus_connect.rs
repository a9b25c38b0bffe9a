//! What the files of Globus Connect on this machine say.

use globus_sdk::ErrorKind;
use globus_sdk::auth::BasicAuthorizer;
use globus_sdk::globus_connect::{
    GlobusConnectPersonalOwnerInfo as Owner, LocalGlobusConnectPersonal, LocalGlobusConnectServer,
};
use globus_sdk::types::Uuid;
use globus_test_support::auth::{ROBOT, SECRET, Sandbox};
use std::fs;
use tempfile::TempDir;

const ID: &str = "7deda7cc-077b-11ec-a137-67523ecffd4b";
/// The same, as the certificates of Globus Connect Personal write it.
const LETTERS: &str = "u_pxw2ptahpmi6zijxm5jd5t75jm";

/// A folder of Globus Connect Personal with this file in it.
fn folder_with(name: &str, contents: impl AsRef<[u8]>) -> (TempDir, LocalGlobusConnectPersonal) {
    let folder = tempfile::tempdir().unwrap();
    let data = if cfg!(windows) {
        folder.path().to_owned()
    } else {
        folder.path().join("lta")
    };
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join(name), contents).unwrap();
    let personal = LocalGlobusConnectPersonal::new().config_dir(folder.path());
    (folder, personal)
}

fn owner(gridmap: &str) -> globus_sdk::Result<Option<Owner>> {
    folder_with("gridmap", gridmap).1.get_owner_info()
}

fn line(name: &str) -> String {
    format!("\"/C=US/O=Globus Consortium/OU=Globus Connect User/CN={name}\" me\n")
}

#[test]
fn where_nothing_is_installed_nothing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let personal = LocalGlobusConnectPersonal::new().config_dir(folder.path().join("none"));
    assert_eq!(personal.endpoint_id().unwrap(), None);
    assert_eq!(personal.get_owner_info().unwrap(), None);
    let server = LocalGlobusConnectServer::new().info_path(folder.path().join("info.json"));
    assert_eq!(server.info_dict().unwrap(), None);
    assert_eq!(server.endpoint_id().unwrap(), None);
    assert_eq!(server.domain_name().unwrap(), None);
}

#[test]
fn the_endpoint_of_this_machine_is_read_and_read_again() {
    let (folder, personal) = folder_with("client-id.txt", format!("{ID}\n"));
    assert_eq!(personal.endpoint_id().unwrap(), Some(ID.parse().unwrap()));
    fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(personal.endpoint_id().unwrap(), None);
}

#[test]
fn the_owner_is_an_id_or_a_username_of_long_ago() {
    let id = Owner::Id(ID.parse().unwrap());
    assert_eq!(owner(&line(LETTERS)).unwrap(), Some(id.clone()));
    let others = format!(
        "# a comment\n\"/C=US/O=Another/CN=x\" me\n{}",
        line(LETTERS)
    );
    assert_eq!(owner(&others).unwrap(), Some(id));
    for name in ["kingfish", "u_kingfish", "u_pxw2ptahpmi6zijxm5jd5t75j1"] {
        let username = Owner::Username(format!("{name}@globusid.org"));
        assert_eq!(owner(&line(name)).unwrap(), Some(username));
    }
    assert_eq!(owner("").unwrap(), None);
}

#[test]
fn a_gridmap_is_split_as_a_shell_splits_words() {
    const NAME: &str = "/C=US/O=Globus Consortium/OU=Globus Connect User/CN=me";
    let escaped = NAME.replace(' ', "\\ ");
    let me = Some(Owner::Username("me@globusid.org".to_owned()));
    for line in [
        format!("\"{NAME}\" \"John Smith\""),
        format!("\"{NAME}\" 'John Smith'"),
        format!("\"{NAME}\" John\\ Smith"),
        format!("\"{NAME}\" john,\"John Smith\",j"),
        format!("\"{NAME}\"\tjohn\t"),
        format!("  \"{NAME}\"   john  # the owner"),
        format!("'{NAME}' john"),
        format!("{escaped} john"),
        "/C=US/O=\"Globus Consortium/OU=Globus Connect User\"/CN=me john".to_owned(),
        format!("# \"no comment\nan unclosed \" quote of others\n\"{NAME}\" john"),
        format!("\u{feff}\"{NAME}\" john\r\n"),
    ] {
        assert_eq!(owner(&line).unwrap(), me, "{line}");
    }
    let quoted = owner(&format!("\"{NAME} \\\"x\\\" y\" john")).unwrap();
    let username = Owner::Username("me \"x\" y@globusid.org".to_owned());
    assert_eq!(quoted, Some(username));
}

#[test]
fn a_line_with_wrong_quotes_is_named_by_its_number() {
    const NAME: &str = "/C=US/O=Globus Consortium/OU=Globus Connect User/CN=me";
    for line in [
        format!("\"{NAME}\" \"John Smith"),
        format!("\"{NAME}\" john\\"),
        format!("'{NAME} john"),
    ] {
        let error = owner(&format!("# gridmap\n{line}\n")).unwrap_err();
        assert!(error.message().contains("line 2 (a quote"), "{error}");
    }
}

#[test]
fn byte_order_mark_and_windows_line_ends_are_ignored() {
    let (_folder, personal) = folder_with("client-id.txt", format!("\u{feff}{ID}\r\n"));
    assert_eq!(personal.endpoint_id().unwrap(), Some(ID.parse().unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("info.json");
    fs::write(&path, format!("\u{feff}{{\"endpoint_id\": \"{ID}\"}}\r\n")).unwrap();
    let server = LocalGlobusConnectServer::new().info_path(&path);
    assert_eq!(server.endpoint_id().unwrap(), Some(ID.parse().unwrap()));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_an_error_at_once() {
    let (folder, personal) = folder_with("other", "");
    for name in ["client-id.txt", "gridmap"] {
        let path = folder.path().join("lta").join(name);
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    }
    assert_eq!(
        personal.endpoint_id().unwrap_err().kind(),
        ErrorKind::LocalConfig
    );
    let error = personal.get_owner_info().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LocalConfig);
}

#[test]
fn path_with_an_unexpanded_tilde_is_an_error() {
    let personal = LocalGlobusConnectPersonal::new().config_dir("~/gcp");
    let server = LocalGlobusConnectServer::new().info_path("~/info.json");
    for error in [
        personal.endpoint_id().unwrap_err(),
        personal.get_owner_info().unwrap_err(),
        server.info_dict().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::LocalConfig);
        assert!(error.message().contains("or ./~/"), "{error}");
    }
}

#[test]
fn invalid_gridmap_is_an_error_that_names_it() {
    for gridmap in [
        line("").as_str(),
        "\"/C=US/O=Globus Consortium/OU=Globus Connect User/CN=me",
        "\"/C=US/O=Globus Consortium/OU=Globus Connect User/CN=me\"",
        "\"/C=US/O=Globus Consortium/OU=Globus Connect User/CN=me\" two accounts",
    ] {
        let error = owner(gridmap).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalConfig, "{gridmap}");
        assert!(
            error.message().contains("gridmap has an invalid line"),
            "{error}"
        );
    }
}

#[test]
fn files_that_are_bad_are_errors_that_name_them() {
    for contents in [&b""[..], b"my laptop", b"\xff\xfe", &[b'a'; 2 << 20]] {
        let error = folder_with("client-id.txt", contents).1.endpoint_id();
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalConfig);
        assert!(error.message().contains("client-id.txt"), "{error}");
    }
    // a folder in the place of the file
    let folder = tempfile::tempdir().unwrap();
    let server = LocalGlobusConnectServer::new().info_path(folder.path());
    assert_eq!(
        server.info_dict().unwrap_err().kind(),
        ErrorKind::LocalConfig
    );
}

#[test]
fn what_globus_connect_server_says_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("info.json");
    let server = LocalGlobusConnectServer::new().info_path(&path);
    let info = format!(r#"{{"endpoint_id": "{ID}", "domain_name": "a.b.org", "more": [1]}}"#);
    fs::write(&path, info).unwrap();
    assert_eq!(
        server.endpoint_id().unwrap(),
        Some(ID.parse::<Uuid>().unwrap())
    );
    assert_eq!(server.domain_name().unwrap().as_deref(), Some("a.b.org"));
    assert!(server.info_dict().unwrap().unwrap().contains_key("more"));

    fs::write(&path, "{}").unwrap();
    assert_eq!(server.endpoint_id().unwrap(), None);
    for bad in [
        "[]",
        "{",
        r#"{"endpoint_id": 7}"#,
        r#"{"endpoint_id": "x"}"#,
    ] {
        fs::write(&path, bad).unwrap();
        let error = server.endpoint_id().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalConfig, "{bad}");
        assert!(error.message().contains("info.json"), "{error}");
    }
}

#[tokio::test]
async fn the_owner_is_looked_up_by_either_name() {
    let sandbox = Sandbox::start_with(globus_emulator::Emulator::builder().other_user(
        "me@globusid.org",
        "Me",
        "me@mail.example",
    ))
    .await;
    let auth = sandbox
        .auth()
        .with_authorizer(BasicAuthorizer::new(&ROBOT.to_string(), SECRET));
    let me = Owner::Username("me@globusid.org".to_owned());
    let me = me.identity(&auth).await.unwrap().unwrap();
    let again = Owner::Id(me.id).identity(&auth).await.unwrap().unwrap();
    assert_eq!(again.name.as_deref(), Some("Me"));
    let nobody = Owner::Id(Uuid::from_u128(7)).identity(&auth).await;
    assert!(nobody.unwrap().is_none());
}
