//! Sync levels: whether an existing file is transferred again.

use cap_std::fs::Metadata;

use crate::transfer::submit::SyncLevel;

/// The decision from the metadata of both files, which may require comparing checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Transfer,
    Skip,
    CompareChecksums,
}

/// Size and modification time, as far as they are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) size: u64,
    pub(super) modified: Option<std::time::SystemTime>,
}

impl From<&Metadata> for Facts {
    fn from(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok().map(|time| time.into_std()),
        }
    }
}

/// Decides by sync level. Without one, every file is transferred. Each level includes the checks of the
/// lower ones, except that equal checksums make the time irrelevant.
pub(super) fn decide(
    level: Option<SyncLevel>,
    source: Facts,
    destination: Option<Facts>,
) -> Verdict {
    let (Some(level), Some(destination)) = (level, destination) else {
        return Verdict::Transfer;
    };
    let transfer_if = |condition| {
        if condition {
            Verdict::Transfer
        } else {
            Verdict::Skip
        }
    };
    let resized = source.size != destination.size;
    match level {
        SyncLevel::Exists => Verdict::Skip,
        SyncLevel::Size => transfer_if(resized),
        // Newer only: a destination that was changed later is not overwritten.
        SyncLevel::Modified => transfer_if(resized || source.modified > destination.modified),
        // Files of different sizes cannot have equal checksums, so reading them would be a waste.
        SyncLevel::Checksum if resized => Verdict::Transfer,
        SyncLevel::Checksum => Verdict::CompareChecksums,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn facts(size: u64, seconds: u64) -> Facts {
        Facts {
            size,
            modified: Some(UNIX_EPOCH + Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn a_missing_file_is_always_transferred() {
        for level in [
            SyncLevel::Exists,
            SyncLevel::Size,
            SyncLevel::Modified,
            SyncLevel::Checksum,
        ] {
            assert_eq!(decide(Some(level), facts(1, 1), None), Verdict::Transfer);
        }
    }

    #[test]
    fn each_level_looks_at_more() {
        use SyncLevel::{Checksum, Exists, Modified, Size};
        use Verdict::{CompareChecksums, Skip, Transfer};
        let old = facts(5, 100);
        for (level, source, expected) in [
            (None, facts(5, 100), Transfer),
            (Some(Exists), facts(9, 900), Skip),
            (Some(Size), facts(5, 900), Skip),
            (Some(Size), facts(9, 100), Transfer),
            (Some(Modified), facts(5, 100), Skip),
            (Some(Modified), facts(5, 99), Skip),
            (Some(Modified), facts(5, 101), Transfer),
            (Some(Modified), facts(9, 99), Transfer),
            (Some(Checksum), facts(5, 900), CompareChecksums),
            (Some(Checksum), facts(9, 100), Transfer),
        ] {
            assert_eq!(
                decide(level, source, Some(old)),
                expected,
                "{level:?} {source:?}"
            );
        }
    }
}
