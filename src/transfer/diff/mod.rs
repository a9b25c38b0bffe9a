//! Comparing two trees: two ordered walks, merged.
//!
//! Both sides list each folder by name and come down their trees in the same order, so that one look
//! at the heads of both tells what is only here, only there, or in both. Nothing is kept beside the
//! two walks.

mod comparison;

use super::walk::{Entry, ListFailure, Walk};
use crate::pagination::ItemStream;
use crate::types::escape_controls;
use comparison::{Comparison, Tree};
use futures_util::stream;
use std::fmt;
use std::task::{Poll, ready};
use std::time::Duration;

/// One thing in which two trees differ.
///
/// ```no_run
/// use globus_sdk::transfer::DifferenceKind;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, here: globus_sdk::types::Uuid, there: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut differences = transfer.ls(here, "/data/").diff(transfer.ls(there, "/copy/")).stream();
/// while let Some(difference) = differences.next().await {
///     let difference = difference?;
///     if let DifferenceKind::OnlyLeft(entry) = &difference.kind {
///         println!("missing: {} ({:?} bytes)", difference.path, entry.file.size);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Difference {
    /// The path below the tops of both trees, without a slash at its beginning.
    pub path: String,
    /// What differs.
    pub kind: DifferenceKind,
}

/// How two trees differ at one path.
///
/// ```
/// use globus_sdk::transfer::{FileAttribute, DifferenceKind, Difference};
///
/// /// Whether copying from left to right would change the right.
/// fn wants_a_copy(difference: &Difference) -> bool {
///     match &difference.kind {
///         DifferenceKind::OnlyLeft(_) => true,
///         DifferenceKind::Modified { attributes, .. } => attributes.contains(&FileAttribute::Size),
///         _ => false,
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// Only the left tree has it. So is all that is in it, entry for entry.
    OnlyLeft(Entry),
    /// Only the right tree has it. So is all that is in it, entry for entry.
    OnlyRight(Entry),
    /// Both trees have it, and it differs.
    Modified {
        /// What the left tree has.
        left: Box<Entry>,
        /// What the right tree has.
        right: Box<Entry>,
        /// The attributes that differ; never empty.
        attributes: Vec<FileAttribute>,
    },
    /// A folder that one side could not list: nothing is known of what is in it. Or a single entry
    /// of it whose name can be no part of a path (see [`ListFailure::entry`]). Only with
    /// [`keep_going`](Diff::keep_going).
    ListFailure(Side, ListFailure),
}

/// An attribute that two trees are compared by.
///
/// ```
/// use globus_sdk::transfer::FileAttribute;
///
/// assert_ne!(FileAttribute::Size, FileAttribute::Time);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileAttribute {
    /// One is a file and the other a folder, or one is a link and the other is not. Nothing else is
    /// compared then.
    Type,
    /// The size in bytes.
    Size,
    /// The time of the last change.
    Time,
    /// The checksum that both listings give.
    Checksum,
}

/// One of two trees.
///
/// ```
/// use globus_sdk::transfer::Side;
///
/// assert_eq!(Side::Left.to_string(), "left");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The one whose [`diff`](Walk::diff) was called.
    Left,
    /// The other.
    Right,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// As `diff --brief`: a sign (`<` only left, `>` only right, `!` both, `?` unknown) and the path, on
/// one line; control characters are escaped.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = escape_controls(&self.path);
        match &self.kind {
            DifferenceKind::OnlyLeft(_) => write!(f, "< {path}"),
            DifferenceKind::OnlyRight(_) => write!(f, "> {path}"),
            DifferenceKind::Modified { attributes, .. } => {
                write!(f, "! {path} (")?;
                for (i, attribute) in attributes.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    let name = match attribute {
                        FileAttribute::Type => "type",
                        FileAttribute::Size => "size",
                        FileAttribute::Time => "time",
                        FileAttribute::Checksum => "checksum",
                    };
                    write!(f, "{comma}{name}")?;
                }
                f.write_str(")")
            }
            DifferenceKind::ListFailure(side, folder) => {
                write!(f, "? {path} ({side}: {})", folder.error)
            }
        }
    }
}

/// A comparison in the making; [`stream`](Self::stream) sets out.
///
/// Types and sizes are compared unless said otherwise; a folder's own size and time, which say
/// nothing of its contents, never are. What a link leads to counts as if it were there, and a link
/// differs from what is none.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client, here: globus_sdk::types::Uuid, there: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// use std::time::Duration;
///
/// let differences = transfer
///     .ls(here, "/data/").concurrency(8)
///     .diff(transfer.ls(there, "/copy/").concurrency(8))
///     .compare_times(Duration::from_secs(2))
///     .stream()
///     .collect()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a comparison does nothing until it is streamed"]
pub struct Diff {
    left: Walk,
    right: Walk,
    counts: Counts,
    keep_going: bool,
}

/// What counts as a difference.
#[derive(Clone, Debug)]
struct Counts {
    sizes: bool,
    times: Option<Duration>,
    checksum: Option<String>,
}

impl Walk {
    /// Compares this tree, the left, with another, the right.
    ///
    /// Both are walked whole, whether [`recursive`](Self::recursive) or not; the smaller
    /// [`max_depth`](Self::max_depth), if one is set, holds for both. All else that is set of a
    /// walk holds for its side, except for the order, which is by name. A filter should be the same
    /// on both sides.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, here: globus_sdk::types::Uuid, there: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let mut differences = transfer.ls(here, "/data/").diff(transfer.ls(there, "/copy/")).stream();
    /// while let Some(difference) = differences.next().await {
    ///     println!("{}", difference?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn diff(self, right: Walk) -> Diff {
        Diff {
            left: self,
            right,
            counts: Counts {
                sizes: true,
                times: None,
                checksum: None,
            },
            keep_going: false,
        }
    }
}

impl Diff {
    /// Whether a file of another size differs. It does by default.
    ///
    /// ```no_run
    /// # fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) {
    /// let names_only = left.diff(right).compare_sizes(false).stream();
    /// # }
    /// ```
    pub fn compare_sizes(mut self, count: bool) -> Self {
        self.counts.sizes = count;
        self
    }

    /// A file differs when its times of change are further apart than this. They do not count by
    /// default, since a transfer keeps them only when asked to.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) {
    /// let to_the_second = left.diff(right).compare_times(Duration::ZERO).stream();
    /// # }
    /// ```
    pub fn compare_times(mut self, tolerance: Duration) -> Self {
        self.counts.times = Some(tolerance);
        self
    }

    /// A file differs when both listings give this field and its values differ. Globus's own
    /// listings have no checksums; those of some storage systems may.
    ///
    /// ```no_run
    /// # fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) {
    /// let differences = left.diff(right).checksum_field("checksum").stream();
    /// # }
    /// ```
    pub fn checksum_field(mut self, name: impl Into<String>) -> Self {
        self.counts.checksum = Some(name.into());
        self
    }

    /// Makes a folder that cannot be listed a [`DifferenceKind::ListFailure`]; what is in it is left out on
    /// both sides. By default it is an error that ends the comparison.
    ///
    /// ```no_run
    /// # fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) {
    /// let differences = left.diff(right).keep_going().stream();
    /// # }
    /// ```
    pub fn keep_going(mut self) -> Self {
        self.keep_going = true;
        self
    }

    /// The differences, in the order of their paths, name by name. Dropping it stops it.
    ///
    /// # Errors
    ///
    /// Those of [`Walk::stream`], or with [`keep_going`](Self::keep_going) those of
    /// [`Walk::events`].
    ///
    /// ```no_run
    /// # async fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) -> globus_sdk::Result<()> {
    /// let same = left.diff(right).stream().next().await.transpose()?.is_none();
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ItemStream<Difference> {
        let Self {
            left,
            right,
            counts,
            keep_going,
        } = self;
        let depth = left.depth_limit().min(right.depth_limit());
        let walks = Tree::new(left, depth).and_then(|left| Ok((left, Tree::new(right, depth)?)));
        let mut comparison = match walks {
            Ok((left, right)) => Some(Comparison {
                left,
                right,
                counts,
                keep_going,
                unknown: None,
            }),
            Err(error) => return ItemStream::new(stream::once(async { Err(error) })),
        };
        ItemStream::new(stream::poll_fn(move |cx| {
            let Some(under_way) = &mut comparison else {
                return Poll::Ready(None);
            };
            let item = ready!(under_way.poll_next(cx));
            if !matches!(item, Some(Ok(_))) {
                comparison = None;
            }
            Poll::Ready(item)
        }))
    }
}
