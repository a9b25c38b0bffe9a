//! File operations over HTTP: listing and changing a real folder.

use globus_emulator::Uuid;
use globus_test_support::emulator::{Lab, SOURCE, TestResult, answer, names, tree};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_listing_has_every_field_the_clients_read() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a.txt", "hello")?;
    let listing = lab.look("ls", &[]).await?;
    assert_eq!(listing.status, 200);
    assert_eq!(listing.at("/DATA_TYPE"), "file_list");
    assert_eq!(listing.at("/path"), "/~/");
    assert_eq!(listing.at("/absolute_path"), "/");
    assert_eq!(listing.at("/endpoint"), &json!(SOURCE));
    assert_eq!(listing.at("/rename_supported"), true);
    assert_eq!(listing.at("/symlink_supported"), true);
    assert_eq!(
        (listing.at("/length"), listing.at("/total")),
        (&json!(1), &json!(1))
    );
    let file = listing.at("/DATA/0");
    assert_eq!(file["DATA_TYPE"], "file");
    assert_eq!(
        (&file["name"], &file["type"], &file["size"]),
        (&json!("a.txt"), &json!("file"), &json!(5))
    );
    assert!(
        file["permissions"]
            .as_str()
            .is_some_and(|mode| mode.len() == 4 && mode.starts_with('0')),
        "{file}"
    );
    assert!(file["user"].is_string() && file["group"].is_string());
    let modified = file["last_modified"].as_str().unwrap_or_default();
    assert!(
        modified.len() == 25 && modified.ends_with("+00:00") && modified.contains(' '),
        "{modified}"
    );
    for field in [
        "link_target",
        "link_size",
        "link_user",
        "link_group",
        "link_last_modified",
    ] {
        assert!(file[field].is_null(), "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn entries_come_by_type_and_name_and_in_the_order_asked_for() -> TestResult {
    let lab = Lab::start().await?;
    for (name, size) in [("b", 1), ("a", 3), ("c", 2)] {
        lab.write(name, vec![0; size])?;
    }
    std::fs::create_dir(lab.source("z"))?;
    assert_eq!(lab.names(&[("path", "/")]).await?, ["z", "a", "b", "c"]);
    assert_eq!(
        lab.names(&[("orderby", "name DESC")]).await?,
        ["z", "c", "b", "a"]
    );
    assert_eq!(
        lab.names(&[("orderby", "type DESC,size ASC")]).await?,
        ["b", "c", "a", "z"]
    );
    assert_eq!(
        lab.names(&[("orderby", "name"), ("limit", "2"), ("offset", "1")])
            .await?,
        ["b", "c"]
    );
    let page = lab.look("ls", &[("limit", "2"), ("offset", "3")]).await?;
    assert_eq!(
        (page.at("/length"), page.at("/total")),
        (&json!(1), &json!(4))
    );
    assert_eq!(lab.look("ls", &[("orderby", "color")]).await?.status, 400);
    assert_eq!(lab.look("ls", &[("limit", "many")]).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn filters_join_by_and_inside_and_by_or_between_parameters() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a.txt", "12345")?;
    lab.write("b.bin", "1")?;
    lab.write(".hidden", "")?;
    std::fs::create_dir(lab.source("sub"))?;
    assert_eq!(
        lab.names(&[("show_hidden", "0")]).await?,
        ["sub", "a.txt", "b.bin"]
    );
    assert_eq!(lab.names(&[("filter", "name:~*.txt")]).await?, ["a.txt"]);
    assert_eq!(
        lab.names(&[("filter", "name:!~*.txt/type:file")]).await?,
        [".hidden", "b.bin"]
    );
    assert_eq!(
        lab.names(&[("filter", "type:dir"), ("filter", "name:~*.bin")])
            .await?,
        ["sub", "b.bin"]
    );
    assert_eq!(
        lab.names(&[("filter", "size:>1/type:file")]).await?,
        ["a.txt"]
    );
    assert_eq!(
        lab.names(&[("filter", "last_modified:2999-01-01,")])
            .await?,
        Vec::<String>::new()
    );
    assert_eq!(
        lab.names(&[("filter", "last_modified:,2999-01-01/name:=b.bin")])
            .await?,
        ["b.bin"]
    );
    assert_eq!(lab.look("ls", &[("filter", "nonsense")]).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn only_the_asked_for_fields_are_shown() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "")?;
    let listing = lab.look("ls", &[("fields", "name,size")]).await?;
    assert_eq!(
        listing.at("/DATA/0"),
        &json!({ "DATA_TYPE": "file", "name": "a", "size": 0 })
    );
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_said_the_way_the_clients_expect() -> TestResult {
    let lab = Lab::probed().await?;
    let listing = lab.look("ls", &[("path", "/nope")]).await?;
    assert_eq!(
        (listing.status.as_u16(), listing.at("/code")),
        (404, &json!("ClientError.NotFound"))
    );
    assert_eq!(
        listing.at("/message"),
        "Directory Not Found, path '/nope' not found"
    );
    let stat = lab.look("stat", &[("path", "/nope")]).await?;
    assert_eq!(
        (stat.status.as_u16(), stat.at("/code")),
        (404, &json!("NotFound"))
    );
    lab.write("file", "")?;
    let listing = lab.look("ls", &[("path", "/file")]).await?;
    assert_eq!(
        (listing.status.as_u16(), listing.at("/code")),
        (502, &json!("ExternalError.DirListingFailed.NotDirectory"))
    );
    for id in [
        Uuid::nil().to_string(),
        "not-a-uuid".to_owned(),
        "user%23name".to_owned(),
    ] {
        let unknown = lab
            .get(&format!("/v0.10/operation/endpoint/{id}/ls"), &[])
            .await?;
        assert_eq!(
            (unknown.status.as_u16(), unknown.at("/code")),
            (404, &json!("EndpointNotFound")),
            "{id}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_file_and_the_root_can_be_looked_at_alone() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("d/a.txt", "hello")?;
    let file = lab.look("stat", &[("path", "/d/a.txt")]).await?;
    assert_eq!(
        (file.at("/DATA_TYPE"), file.at("/name"), file.at("/size")),
        (&json!("file"), &json!("a.txt"), &json!(5))
    );
    let root = lab.look("stat", &[("path", "/~/")]).await?;
    assert_eq!(
        (root.at("/name"), root.at("/type")),
        (&json!("/"), &json!("dir"))
    );
    Ok(())
}

#[tokio::test]
async fn a_directory_is_made_once() -> TestResult {
    let lab = Lab::start().await?;
    let made = lab
        .operate("mkdir", json!({ "DATA_TYPE": "mkdir", "path": "/new" }))
        .await?;
    assert_eq!(
        (made.status.as_u16(), made.at("/code")),
        (202, &json!("DirectoryCreated"))
    );
    assert_eq!(made.at("/DATA_TYPE"), "mkdir_result");
    assert!(lab.source("new").is_dir());
    let again = lab
        .operate("mkdir", json!({ "DATA_TYPE": "mkdir", "path": "/new" }))
        .await?;
    assert_eq!(
        (again.status.as_u16(), again.at("/code")),
        (502, &json!("ExternalError.MkdirFailed.Exists"))
    );
    let deep = lab
        .operate("mkdir", json!({ "path": "/no/such/parent" }))
        .await?;
    assert_eq!(
        (deep.status.as_u16(), deep.at("/code")),
        (404, &json!("ClientError.NotFound"))
    );
    assert_eq!(
        lab.operate("mkdir", json!({ "DATA_TYPE": "rename", "path": "/x" }))
            .await?
            .status,
        400
    );
    assert_eq!(lab.operate("mkdir", json!({})).await?.status, 400);
    Ok(())
}

#[tokio::test]
async fn an_entry_is_renamed_unless_the_new_name_is_taken() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("a", "A")?;
    lab.write("taken", "T")?;
    let rename = |old: &str, new: &str| {
        lab.operate(
            "rename",
            json!({ "DATA_TYPE": "rename", "old_path": old, "new_path": new }),
        )
    };
    let done = rename("/a", "/b").await?;
    assert_eq!(
        (done.status.as_u16(), done.at("/code")),
        (200, &json!("FileRenamed"))
    );
    let taken = rename("/b", "/taken").await?;
    assert_eq!(
        (taken.status.as_u16(), taken.at("/code")),
        (409, &json!("Exists"))
    );
    let missing = rename("/nope", "/x").await?;
    assert_eq!(
        (missing.status.as_u16(), missing.at("/code")),
        (404, &json!("NotFound"))
    );
    let parent = rename("/b", "/no/such/parent").await?;
    assert_eq!(
        (parent.status.as_u16(), parent.at("/code")),
        (502, &json!("EndpointError"))
    );
    assert_eq!(rename("/", "/x").await?.status, 403);
    assert_eq!(names(&tree(&lab.source(""))?), ["b", "taken"]);
    Ok(())
}

#[tokio::test]
async fn a_link_is_made_and_shown_with_what_it_leads_to() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("d/file", "hello")?;
    let link = |path: &str, target: &str| {
        lab.operate(
            "symlink",
            json!({ "DATA_TYPE": "symlink", "path": path, "symlink_target": target }),
        )
    };
    let made = link("/d/absolute", "/d/file").await?;
    assert_eq!(
        (made.status.as_u16(), made.at("/DATA_TYPE")),
        (202, &json!("symlink_result"))
    );
    assert_eq!(link("/relative", "d/file").await?.status, 202);
    assert_eq!(link("/broken", "nowhere").await?.status, 202);
    for path in ["/d/absolute", "/relative"] {
        let shown = lab.look("stat", &[("path", path)]).await?;
        assert_eq!(
            (shown.at("/type"), shown.at("/size")),
            (&json!("file"), &json!(5)),
            "{path}"
        );
        assert_eq!(shown.at("/link_target"), "/d/file", "{path}");
        assert!(shown.at("/link_size").is_u64() && shown.at("/link_last_modified").is_string());
    }
    assert_eq!(
        lab.look("stat", &[("path", "/broken")]).await?.at("/type"),
        "invalid_symlink"
    );
    let again = link("/relative", "d/file").await?;
    assert_eq!(
        (again.status.as_u16(), again.at("/code")),
        (502, &json!("ExternalError.SymlinkFailed.Exists"))
    );
    for target in ["../secret.txt", "/../secret.txt", "d/../../secret.txt"] {
        assert_eq!(
            link("/leak", target).await?.at("/code"),
            "InvalidPath",
            "{target}"
        );
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_out_and_back_in_is_shown_as_it_is_written() -> TestResult {
    let lab = Lab::start().await?;
    lab.write("d/file", "hello")?;
    for (at, target, shown) in [
        // through the host's name of the folder, which nobody is told here
        ("out", "../source/d/file", "../source/d/file"),
        ("d/out", "../../source/d/file", "../../source/d/file"),
        ("d/in", "../d/./file", "/d/file"),
    ] {
        std::os::unix::fs::symlink(target, lab.source(at))?;
        let path = format!("/{at}");
        let stat = lab.look("stat", &[("path", &path)]).await?;
        assert_eq!(stat.at("/link_target"), shown, "{at}");
        let is_followed = stat.at("/type") == "file";
        assert_eq!(is_followed, shown.starts_with('/'), "{at}");
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn bodies_that_are_not_documents_are_refused() -> TestResult {
    let lab = Lab::start().await?;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"text\"",
        "{\"path\": 5}",
        "{\"path\": null}",
        "\u{0}",
    ] {
        let request = lab.request(
            Method::POST,
            &format!("/v0.10/operation/endpoint/{SOURCE}/mkdir"),
        );
        let answer = answer(
            request
                .header("content-type", "application/json")
                .body(body),
        )
        .await?;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (400, &json!("ClientError.BadRequest")),
            "{body}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_request_without_a_token_is_refused() -> TestResult {
    let lab = Lab::start().await?;
    for path in [
        "/v0.10/task_list",
        "/v0.10/submission_id",
        "/v0.10/endpoint_search?filter_fulltext=x",
    ] {
        assert_eq!(answer(lab.sandbox.get(path)).await?.status, 400, "{path}");
    }
    Ok(())
}
