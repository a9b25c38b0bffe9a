//! A real tree of files, and a comparison of two trees byte by byte.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A node of a tree.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) files: usize,
    pub(crate) folders: usize,
    pub(crate) links: usize,
    pub(crate) bytes: u64,
}

/// Fills `root`: 5 levels, over 200 files, one of 32 MiB, empty files and folders, awkward names,
/// one symlink.
pub(crate) fn plant(root: &Path) -> io::Result<Census> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut folder = root.to_owned();
    for level in 1..=5 {
        folder.push(format!("level {level}"));
        fs::create_dir(&folder)?;
        for n in 0..42 {
            let bytes = noise(&mut seed, n * 97);
            fs::write(folder.join(format!("file-{n:02}.dat")), bytes)?;
        }
        fs::write(folder.join(".hidden"), "a leading dot\n")?;
        fs::write(folder.join("empty"), "")?;
        fs::create_dir(folder.join("empty folder"))?;
    }
    fs::write(
        root.join("große Größe 数据.bin"),
        noise(&mut seed, 32 << 20),
    )?;
    fs::write(root.join("with space & ünïcødé.txt"), "names travel too\n")?;
    std::os::unix::fs::symlink("level 1/file-07.dat", root.join("shortcut"))?;
    Ok(census(&read(root)?))
}

/// Compares every name, every link and every byte.
pub(crate) fn compare(left: &Path, right: &Path) -> Result<Census, String> {
    let unreadable = |e: io::Error| format!("a tree cannot be read: {e}");
    let (ours, theirs) = (
        read(left).map_err(unreadable)?,
        read(right).map_err(unreadable)?,
    );
    for (path, node) in &ours {
        match theirs.get(path) {
            None => return Err(format!("{} is missing", path.display())),
            Some(other) if other != node => return Err(format!("{} differs", path.display())),
            Some(_) => {}
        }
    }
    match theirs.keys().find(|path| !ours.contains_key(*path)) {
        Some(path) => Err(format!("{} should not be there", path.display())),
        None => Ok(census(&ours)),
    }
}

#[derive(PartialEq)]
enum Node {
    Folder,
    Link(PathBuf),
    File(Vec<u8>),
}

fn read(root: &Path) -> io::Result<BTreeMap<PathBuf, Node>> {
    let mut nodes = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let kind = fs::symlink_metadata(&path)?.file_type();
            let node = if kind.is_symlink() {
                Node::Link(fs::read_link(&path)?)
            } else if kind.is_dir() {
                waiting.push(path.clone());
                Node::Folder
            } else {
                Node::File(fs::read(&path)?)
            };
            let name = path
                .strip_prefix(root)
                .map_err(io::Error::other)?
                .to_owned();
            nodes.insert(name, node);
        }
    }
    Ok(nodes)
}

fn census(nodes: &BTreeMap<PathBuf, Node>) -> Census {
    let mut census = Census::default();
    for node in nodes.values() {
        match node {
            Node::Folder => census.folders += 1,
            Node::Link(_) => census.links += 1,
            Node::File(bytes) => {
                census.files += 1;
                census.bytes += bytes.len() as u64;
            }
        }
    }
    census
}

/// Random bytes that no disk can compress (xorshift).
fn noise(seed: &mut u64, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        bytes.extend_from_slice(&seed.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
