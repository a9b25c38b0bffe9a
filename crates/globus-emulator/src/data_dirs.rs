//! The folders of the configured collections.

use std::io;
use std::path::{Component, Path, PathBuf};

use uuid::Uuid;

use crate::builder::EmulatorBuilder;
use crate::emulator::{Collection, StartError};

/// Resolves the configured collections, in order: their ids and real folders.
pub(crate) fn prepare(
    builder: &EmulatorBuilder,
) -> Result<(Vec<Collection>, Option<Scratch>), StartError> {
    let mut collections: Vec<Collection> = Vec::new();
    for asked in &builder.collections {
        let folder = real_folder(&asked.folder)?;
        let id = asked.id.unwrap_or_else(|| {
            // Derived from the folder, so that the id is the same in every run.
            let key = format!("collection:{}:{}", folder.display(), asked.display_name);
            Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes())
        });
        if collections.iter().any(|known| known.id == id) {
            return Err(StartError::DuplicateCollection(id));
        }
        collections.push(Collection {
            id,
            display_name: asked.display_name.clone(),
            folder,
        });
    }
    if builder.extra_collections == 0 {
        return Ok((collections, None));
    }

    // With a data folder, extra collections keep their files across restarts, too.
    let (path, scratch) = match &builder.data_dir {
        Some(directory) => (directory.join("extra-collections"), None),
        None => {
            let path = std::env::temp_dir().join(format!("globus-emulator-{}", Uuid::new_v4()));
            (path.clone(), Some(Scratch(path)))
        }
    };
    let unusable = |source| StartError::Folder {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(&path).map_err(unusable)?;
    let folder = real_folder(&path)?;
    for number in 1..=builder.extra_collections {
        let display_name = format!("Extra collection {number:04}");
        let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, display_name.as_bytes());
        collections.push(Collection {
            id,
            display_name,
            folder: folder.clone(),
        });
    }
    Ok((collections, scratch))
}

fn real_folder(path: &Path) -> Result<PathBuf, StartError> {
    let unusable = |source| StartError::Folder {
        path: path.to_owned(),
        source,
    };
    refuse_tilde(path).map_err(unusable)?;
    let folder = path.canonicalize().map_err(unusable)?;
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(unusable(io::Error::from(io::ErrorKind::NotADirectory)))
    }
}

/// Rejects paths that begin with `~`. Shells only expand it at the start of a word, so `--data=~/x` would
/// create a folder named `~`.
pub(crate) fn refuse_tilde(path: &Path) -> io::Result<()> {
    let first = path.components().next().map(Component::as_os_str);
    if first.is_some_and(|first| first.as_encoded_bytes().starts_with(b"~")) {
        let why = format!(
            "`~` was not expanded by a shell; write the home folder out, or ./{} for what is really named so",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(())
}

/// A temporary folder, deleted with the emulator.
pub(crate) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
