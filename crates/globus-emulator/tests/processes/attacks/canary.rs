//! Trees that nobody may use, and that show when somebody has.

use std::collections::BTreeMap;
use std::fs::{File, FileTimes};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use globus_test_support::emulator::Fallible;

/// What is in its files, and in some of their names.
pub const SECRET: &str = "the-canary-sings";
/// How large its files are: no others have this size.
pub const SIZE: usize = 7_919;
/// How many folders there are to be deleted, in each of two folders.
pub const DOOMED: usize = 4;

/// When a file was used and changed: of reading, writing, adding and removing, each shows.
#[derive(Debug, PartialEq, Eq)]
struct Times {
    read: Option<(i64, i64)>,
    written: (i64, i64),
    changed: (i64, i64),
    size: u64,
}

pub struct Canary {
    before: BTreeMap<PathBuf, Times>,
    /// Whether the file system writes down when something is read.
    pub reads_show: bool,
}

/// A tree in which everything that an attacked path names is there: what follows a link to it finds what it
/// looks for.
pub fn plant(folder: &Path, contents: &str, size: usize) -> Fallible<()> {
    let contents: String = contents.chars().cycle().take(size).collect();
    for directory in [folder.to_path_buf(), folder.join("sub")] {
        for number in 0..DOOMED {
            let doomed = directory.join(format!("d{number}/deep"));
            std::fs::create_dir_all(&doomed)?;
            std::fs::write(doomed.join("file"), &contents)?;
        }
        std::fs::write(directory.join("file"), &contents)?;
        std::fs::write(directory.join("moved"), &contents)?;
    }
    Ok(())
}

impl Canary {
    pub fn plant(folder: &Path) -> Fallible<Self> {
        plant(folder, SECRET, SIZE)?;
        for directory in [folder.to_path_buf(), folder.join("sub")] {
            std::fs::write(directory.join(SECRET), SECRET)?;
        }
        let probe = folder.join("probe");
        std::fs::write(&probe, SECRET)?;
        age(&probe)?;
        let before = times(&probe, true)?;
        std::fs::read(&probe)?;
        let reads_show = times(&probe, true)? != before;
        std::fs::remove_file(&probe)?;

        let mut paths = Vec::new();
        walk(folder, &mut paths)?;
        // All are listed: from here on nothing of it is read.
        for path in &paths {
            age(path)?;
        }
        let before = paths
            .into_iter()
            .map(|path| Ok((path.clone(), times(&path, reads_show)?)))
            .collect::<Fallible<_>>()?;
        Ok(Self { before, reads_show })
    }

    pub fn assert_untouched(&self) -> Fallible<()> {
        for (path, before) in &self.before {
            let now = times(path, self.reads_show);
            let now = now.map_err(|error| format!("{}: {error}", path.display()))?;
            assert_eq!(&now, before, "{} was touched", path.display());
        }
        Ok(())
    }
}

/// Last read long before it was last written: the next read is written down in any case.
fn age(path: &Path) -> Fallible<()> {
    let day = Duration::from_secs(24 * 60 * 60);
    let now = SystemTime::now();
    let times = FileTimes::new()
        .set_accessed(now - 20 * day)
        .set_modified(now - 10 * day);
    Ok(File::open(path)?.set_times(times)?)
}

fn times(path: &Path, reads_show: bool) -> Fallible<Times> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok(Times {
        read: reads_show.then(|| (metadata.atime(), metadata.atime_nsec())),
        written: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        size: metadata.len(),
    })
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Fallible<()> {
    paths.push(folder.to_path_buf());
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}
