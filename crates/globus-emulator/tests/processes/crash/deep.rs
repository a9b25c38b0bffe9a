//! Incomplete files where no path leads that fits into a request or a system call.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, mkdirat, openat};

use super::*;

/// Folders in each other: 20 names of 240 bytes, which are not UTF-8.
fn names() -> Vec<OsString> {
    let mut name = vec![b'x'; 240];
    name[0] = 0xff;
    vec![OsString::from_vec(name); 20]
}

/// Opens them one in the other, made first if they are to be.
fn open(folder: &Path, make: bool) -> Fallible<OwnedFd> {
    let mut here = OwnedFd::from(File::open(folder)?);
    for name in names() {
        if make {
            mkdirat(here.as_fd(), &name, Mode::RWXU)?;
        }
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        here = openat(here.as_fd(), &name, flags, Mode::empty())?;
    }
    Ok(here)
}

/// The names in the deepest folder; none while it is not there.
fn deepest(folder: &Path) -> Fallible<Vec<String>> {
    let Ok(folder) = open(folder, false) else {
        return Ok(Vec::new());
    };
    std::fs::read_dir(format!("/proc/self/fd/{}", folder.as_raw_fd()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_file_is_removed_however_deep_it_is() -> TestResult {
    let home = tempfile::tempdir()?;
    lay_out(home.path())?;
    let source = home.path().join("source/deep");
    std::fs::create_dir(&source)?;
    let folder = open(&source, true)?;
    // of holes only, so that copying it takes long and making it does not
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
    let large = openat(folder, "large", flags, Mode::RUSR | Mode::WUSR)?;
    File::from(large).set_len(4 << 30)?;
    let copy = home.path().join("destination/copy");

    let http = http().no_proxy().build()?;
    let running = Running::start(home.path(), &http).await?;
    let url = running.url.clone();
    let tokens = <[String; 3]>::default();
    let mut client = Client {
        http: &http,
        url: &url,
        tokens: &tokens,
    };
    let token = client.token(TRANSFER_ALL).await?;
    let tokens = [token, String::new(), String::new()];
    client.tokens = &tokens;
    let submission = text(&client.get("/v0.10/submission_id").await?, "value")?;
    let document = json!({
        "DATA_TYPE": "transfer", "submission_id": submission,
        "source_endpoint": SOURCE, "destination_endpoint": DESTINATION,
        "DATA": [{ "DATA_TYPE": "transfer_item", "recursive": true,
                   "source_path": "/deep/", "destination_path": "/copy/" }],
    });
    let task = text(&client.post("/v0.10/transfer", &document).await?, "task_id")?;
    let started = Instant::now();
    let part = loop {
        if let Some(part) = deepest(&copy)?.pop() {
            break part;
        }
        assert!(started.elapsed() < PATIENCE, "no part was seen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    drop(running);
    assert_eq!(deepest(&copy)?, [part.as_str()], "it is left");

    let running = Running::start(home.path(), &http).await?;
    client.url = &running.url;
    client
        .post(&format!("/v0.10/task/{task}/cancel"), &json!({}))
        .await?;
    while !deepest(&copy)?.is_empty() {
        assert!(started.elapsed() < PATIENCE, "{:?}", deepest(&copy)?);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
