//! Paths and names that are strange or hostile: nothing outside of the folder is ever touched.

use globus_test_support::emulator::{Lab, TestResult};
use serde_json::json;

#[tokio::test]
async fn links_that_lead_out_are_shown_but_never_followed() -> TestResult {
    use std::os::unix::fs::symlink;
    let lab = Lab::start().await?;
    symlink("../secret.txt", lab.source("leak"))?;
    symlink("..", lab.source("out"))?;
    symlink(lab.outer(), lab.source("absolute"))?;
    assert_eq!(
        lab.names(&[("filter", "type:invalid_symlink")])
            .await?
            .len(),
        3
    );
    for path in ["/out", "/absolute", "/out/source", "/leak"] {
        let listing = lab.look("ls", &[("path", path)]).await?;
        assert_eq!(listing.status, 403, "{path} {listing:?}");
    }
    let through = lab.look("stat", &[("path", "/out/secret.txt")]).await?;
    assert_eq!(
        (through.status.as_u16(), through.at("/code")),
        (403, &json!("EndpointPermissionDenied"))
    );
    assert_eq!(
        lab.operate("mkdir", json!({ "path": "/out/new" }))
            .await?
            .status,
        403
    );
    assert_eq!(
        lab.operate(
            "rename",
            json!({ "old_path": "/out/secret.txt", "new_path": "/mine" })
        )
        .await?
        .status,
        403
    );
    let moved = lab
        .operate(
            "rename",
            json!({ "old_path": "/leak", "new_path": "/out/moved" }),
        )
        .await?;
    assert_eq!(moved.status, 403);
    lab.assert_nothing_got_out()
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_are_not_unicode_can_be_used() -> TestResult {
    use std::os::unix::ffi::OsStrExt as _;
    let lab = Lab::start().await?;
    std::fs::write(
        lab.source("").join(std::ffi::OsStr::from_bytes(b"caf\xe9")),
        "bytes",
    )?;
    assert_eq!(lab.names(&[]).await?, ["\u{fffd}caf\u{e9}"]);
    let renamed = lab
        .operate(
            "rename",
            json!({ "old_path": "/\u{fffd}caf\u{e9}", "new_path": "/café" }),
        )
        .await?;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!(lab.names(&[]).await?, ["café"]);
    let back = lab
        .operate(
            "rename",
            json!({ "old_path": "/café", "new_path": "/\u{fffd}\u{e9}\u{ff}" }),
        )
        .await?;
    assert_eq!(back.status, 200);
    assert!(
        lab.source("")
            .join(std::ffi::OsStr::from_bytes(b"\xe9\xff"))
            .is_file()
    );
    Ok(())
}

/// A small generator, so that every run sees the same paths.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }
}

#[tokio::test]
async fn no_path_gets_out_or_breaks_anything() -> TestResult {
    const PARTS: &[&str] = &[
        "..",
        "/",
        "//",
        ".",
        "~",
        "a",
        "..%2f",
        "%2e%2e",
        "\0",
        "\r\n",
        "\u{fffd}",
        "\u{fffd}..",
        "\\..\\",
        "link",
        "secret.txt",
        "*",
        "[",
        "é",
        "\u{202e}",
        "source",
        "C:",
        "\u{fffd}\u{2f}",
        " ",
        "-",
        "\n",
        "\u{7f}",
        "/etc/passwd",
    ];
    let lab = Lab::start().await?;
    lab.write("a/file", "x")?;
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", lab.source("link"))?;
    let mut dice = Dice(7);
    for round in 0..600 {
        let path: String = (0..=dice.roll(9))
            .map(|_| PARTS[dice.roll(PARTS.len())])
            .collect();
        let path = if round % 50 == 0 {
            path.repeat(400)
        } else {
            path
        };
        let answers = match round % 4 {
            0 => vec![
                lab.look("ls", &[("path", &path)]).await?,
                lab.look("stat", &[("path", &path)]).await?,
            ],
            1 => vec![lab.operate("mkdir", json!({ "path": path })).await?],
            2 => vec![
                lab.operate(
                    "symlink",
                    json!({ "path": "/made", "symlink_target": path }),
                )
                .await?,
            ],
            _ => vec![
                lab.operate("rename", json!({ "old_path": "/a/file", "new_path": path }))
                    .await?,
            ],
        };
        for answer in answers {
            let status = answer.status.as_u16();
            // 502 is what the service says about the endpoint, with a code that says so.
            let explained = status != 502 || answer.text_at("/code")?.contains("Error");
            assert!(status < 500 || explained, "{path:?} {answer:?}");
            let text = answer.body.to_string();
            assert!(!text.contains("canary"), "{path:?} {text}");
        }
        lab.assert_nothing_got_out()?;
    }
    Ok(())
}
