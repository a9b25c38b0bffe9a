//! Links of every kind, and what may be reached by them.

use std::os::unix::fs::symlink;

use super::*;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A folder with every kind of link, next to a secret.
fn folder() -> Result<(tempfile::TempDir, Root)> {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("folder");
    std::fs::create_dir_all(folder.join("dir/deep"))?;
    std::fs::write(folder.join("dir/file"), "inside")?;
    std::fs::write(outer.path().join("secret"), "outside")?;
    symlink("dir/file", folder.join("to-file"))?;
    symlink("dir", folder.join("to-dir"))?;
    symlink("../file", folder.join("dir/deep/up"))?;
    symlink(folder.join("dir"), folder.join("absolute"))?;
    symlink("../secret", folder.join("leak"))?;
    symlink("..", folder.join("parent"))?;
    symlink("/etc", folder.join("etc"))?;
    symlink("dir/../../folder/dir", folder.join("out-and-in"))?;
    symlink("loop", folder.join("loop"))?;
    symlink("nowhere", folder.join("broken"))?;
    symlink("dir/file", folder.join("dir-link"))?;
    let root = Root::open(&folder.canonicalize()?)?;
    Ok((outer, root))
}

fn follow(root: &Root, path: &str) -> Result<String> {
    Ok(match root.follow(&CollectionPath::parse(path)?) {
        Ok(found) => found.path().to_string(),
        Err(error) => error.to_string(),
    })
}

#[test]
fn links_inside_are_followed() -> Result {
    let (_outer, root) = folder()?;
    for (path, expected) in [
        ("/", "/"),
        ("/to-file", "/dir/file"),
        ("/to-dir/file", "/dir/file"),
        ("/to-dir/deep/up", "/dir/file"),
        ("/absolute/file", "/dir/file"),
    ] {
        assert_eq!(follow(&root, path)?, expected, "{path}");
    }
    Ok(())
}

#[test]
fn links_that_lead_out_are_not_followed() -> Result {
    let (_outer, root) = folder()?;
    for path in [
        "/leak",
        "/parent",
        "/parent/secret",
        "/etc",
        "/etc/passwd",
        "/out-and-in",
        "/to-dir/../leak",
    ] {
        assert_eq!(follow(&root, path)?, "Path not allowed", "{path}");
        if path != "/leak" && path != "/parent" {
            continue;
        }
        // The link itself may be named, to delete it for example.
        assert!(root.locate(&CollectionPath::parse(path)?).is_ok());
    }
    assert!(matches!(
        root.locate(&CollectionPath::parse("/etc/new")?),
        Err(PathError::Outside)
    ));
    assert!(matches!(
        root.locate(&CollectionPath::parse("/parent/new")?),
        Err(PathError::Outside)
    ));
    Ok(())
}

#[test]
fn what_is_not_there_is_not_found() -> Result {
    let (_outer, root) = folder()?;
    assert_eq!(follow(&root, "/nope")?, "No such file or directory");
    assert_eq!(follow(&root, "/nope/nope")?, "No such file or directory");
    assert_eq!(follow(&root, "/broken")?, "No such file or directory");
    assert_eq!(follow(&root, "/dir/file/below")?, "Not a directory");
    assert_eq!(follow(&root, "/loop")?, "Too many levels of symbolic links");
    assert!(root.locate(&CollectionPath::parse("/new")?).is_ok());
    assert!(matches!(
        root.locate(&CollectionPath::parse("/nope/new")?),
        Err(PathError::NotFound)
    ));
    Ok(())
}

#[test]
fn the_size_of_a_tree_is_no_longer_looked_for_when_told() -> Result {
    let (_outer, root) = folder()?;
    assert!(root.size(|| Ok::<_, io::Error>(()))? > 6);
    let mut looks = 0;
    let size = root.size(|| {
        looks += 1;
        if looks < 3 { Ok(()) } else { Err("enough") }
    });
    assert_eq!((size, looks), (Err("enough"), 3));
    Ok(())
}

#[test]
fn what_is_not_open_cannot_be_reached_by_a_link_either() -> Result {
    let (_outer, root) = folder()?;
    symlink("../../to-file", root.real.join("dir/deep/out"))?;
    symlink("../../nowhere", root.real.join("dir/deep/gone"))?;
    let root = root.limited_to(vec![CollectionPath::parse("/dir/deep")?]);
    for (path, expected) in [
        ("/dir/deep", "/dir/deep"),
        ("/dir/deep/nope", "No such file or directory"),
        ("/dir/deep/up", "Path not allowed"),
        ("/dir/deep/out", "Path not allowed"),
        ("/dir/deep/gone", "Path not allowed"),
        ("/dir", "Path not allowed"),
        ("/dir/deeper", "Path not allowed"),
        ("/nope", "Path not allowed"),
        ("/", "Path not allowed"),
    ] {
        assert_eq!(follow(&root, path)?, expected, "{path}");
    }
    assert!(
        root.locate(&CollectionPath::parse("/dir/deep/new")?)
            .is_ok()
    );
    Ok(())
}

#[test]
fn the_last_link_stays_a_link_below_another_link() -> Result {
    let (_outer, root) = folder()?;
    let entry = root.locate(&CollectionPath::parse("/to-dir/deep/up")?)?;
    assert!(entry.metadata()?.is_symlink());
    assert_eq!(entry.path().to_string(), "/dir/deep/up");
    Ok(())
}
