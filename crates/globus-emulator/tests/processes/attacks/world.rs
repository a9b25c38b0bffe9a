//! What is attacked, by what, and where.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use super::canary::{self, Canary, SIZE};
use super::flipper::EVIL;
use globus_test_support::emulator::{ADA, Fallible, Lab, TestResult, town_of};

/// What is done while somebody flips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    Ls,
    Stat,
    Mkdir,
    Rename,
    Symlink,
    Source,
    KeptLinks,
    LinkItem,
    Destination,
    DeleteExtra,
    Checksum,
    Delete,
    Wildcard,
    Guest,
    NewGuest,
}

pub const OPERATIONS: [Operation; 15] = [
    Operation::Ls,
    Operation::Stat,
    Operation::Mkdir,
    Operation::Rename,
    Operation::Symlink,
    Operation::Source,
    Operation::KeptLinks,
    Operation::LinkItem,
    Operation::Destination,
    Operation::DeleteExtra,
    Operation::Checksum,
    Operation::Delete,
    Operation::Wildcard,
    Operation::Guest,
    Operation::NewGuest,
];

/// Where a link leads that somebody puts in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Out of the collection.
    Outside,
    /// To a folder of the collection that no rule opens.
    Closed,
}

/// What is replaced by a link: a folder on the way, the one below it, or a file.
pub const STEPS: [&str; 3] = ["flip", "flip/sub", "flip/file"];

pub struct World {
    pub lab: Lab,
    pub guest: String,
    pub outside: Canary,
    pub closed: Canary,
}

impl World {
    /// Ada may read and write in `/open/` of a guest collection, and nowhere else.
    pub async fn build() -> Fallible<Self> {
        let lab = town_of(|builder| {
            builder
                .strict_responses(true)
                .transfer_start_delay(Duration::ZERO)
        })
        .await?;
        let outside = Canary::plant(&lab.outer().join("outside"))?;
        std::fs::create_dir(lab.source("open"))?;
        let closed = Canary::plant(&lab.source("closed"))?;
        let guest = lab.guest("/").await?;
        let ada = lab.person(ADA).await?;
        lab.grant(&guest, &ada.id, "/open/", "rw").await?;
        Ok(Self {
            lab,
            guest,
            outside,
            closed,
        })
    }

    /// A tree to be attacked, with a link beside what it will replace.
    pub fn prepare(
        &self,
        name: &str,
        operation: Operation,
        step: &str,
        target: Target,
    ) -> Fallible<PathBuf> {
        let folder = self.lab.source("open").join(name);
        canary::plant(&folder.join("flip"), "harmless", 11)?;
        std::fs::create_dir_all(folder.join("safe/sub"))?;
        for file in ["file", "moved", "sub/file"] {
            std::fs::write(folder.join("safe").join(file), "harmless")?;
        }
        symlink("file", folder.join("safe/link"))?;
        if operation == Operation::Checksum {
            // Of the size of what must not be compared with it.
            canary::plant(&folder.join("mirror"), "mirrored", SIZE)?;
        }
        let place = folder.join(step);
        let parent = place.parent().ok_or("a step has a parent")?;
        let up = "../".repeat(if step == "flip" { 2 } else { 3 });
        let tree = match target {
            Target::Outside => format!("{up}../outside"),
            Target::Closed => format!("{up}closed"),
        };
        let below = step.strip_prefix("flip").unwrap_or_default();
        symlink(format!("{tree}{below}"), parent.join(EVIL))?;
        Ok(folder)
    }

    pub fn assert_untouched(&self) -> TestResult {
        self.outside.assert_untouched()?;
        self.closed.assert_untouched()
    }
}
