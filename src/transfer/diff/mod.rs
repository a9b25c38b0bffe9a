//! Comparing two trees by merging two ordered walks.
//!
//! Both sides list each folder sorted by name and traverse their trees in the same order, so that
//! comparing the heads of both tells what is only in one tree or in both. Nothing else is buffered.

mod comparison;

use super::walk::{Entry, ListFailure, Walk};
use crate::pagination::ItemStream;
use crate::types::escape_controls;
use comparison::{Comparison, Tree};
use futures_util::stream;
use std::fmt;
use std::task::{Poll, ready};
use std::time::Duration;

/// A difference between two trees.
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
    /// The path below the top folders of both trees, without a leading slash.
    pub path: String,
    /// The kind of difference.
    pub kind: DifferenceKind,
}

/// The kind of difference at a path.
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
    /// Only the left tree has it. Everything in it is reported, too, entry by entry.
    OnlyLeft(Entry),
    /// Only the right tree has it. Everything in it is reported, too, entry by entry.
    OnlyRight(Entry),
    /// Both trees have it, with different attributes.
    Modified {
        /// What the left tree has.
        left: Box<Entry>,
        /// What the right tree has.
        right: Box<Entry>,
        /// The attributes that differ; never empty.
        attributes: Vec<FileAttribute>,
    },
    /// A folder that one side could not list, so that its contents are unknown. Or a single entry
    /// in it whose name cannot be part of a path (see [`ListFailure::entry`]). Only with
    /// [`keep_going`](Diff::keep_going).
    ListFailure(Side, ListFailure),
}

/// An attribute by which two trees are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileAttribute {
    /// One is a file and the other a folder, or only one is a link. Then nothing else is compared.
    Type,
    /// The size in bytes.
    Size,
    /// The modification time.
    Time,
    /// The checksum, if both listings have one.
    Checksum,
}

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The tree whose [`diff`](Walk::diff) was called.
    Left,
    /// The other tree.
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

/// The format of `diff --brief`: a sign (`<` only left, `>` only right, `!` both, `?` unknown) and
/// the path, on one line; control characters are escaped.
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

/// A comparison of two trees; call [`stream`](Self::stream) to start it.
///
/// By default, types and sizes are compared; the size and time of a folder itself, which say
/// nothing about its contents, never are. A link is compared by what it points to, and differs from
/// anything that is not a link.
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
    /// Compares this tree, the left one, with another, the right one.
    ///
    /// Both are walked completely, whether [`recursive`](Self::recursive) or not; the smaller
    /// [`max_depth`](Self::max_depth), if one is set, applies to both. All other settings of a walk
    /// apply to its side, except for the order, which is by name. A filter should be the same on
    /// both sides.
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
    /// Whether to compare the sizes of files. On by default.
    pub fn compare_sizes(mut self, count: bool) -> Self {
        self.counts.sizes = count;
        self
    }

    /// Compares modification times; files differ if theirs are further apart than the tolerance.
    /// Off by default, since a transfer preserves times only on request.
    pub fn compare_times(mut self, tolerance: Duration) -> Self {
        self.counts.times = Some(tolerance);
        self
    }

    /// Compares a field that contains a checksum, if both listings have it. Globus's own listings
    /// have no checksums; those of some storage systems may.
    pub fn checksum_field(mut self, name: impl Into<String>) -> Self {
        self.counts.checksum = Some(name.into());
        self
    }

    /// Reports a folder that cannot be listed as a [`DifferenceKind::ListFailure`] and ignores its
    /// contents on both sides. By default it is an error that ends the comparison.
    pub fn keep_going(mut self) -> Self {
        self.keep_going = true;
        self
    }

    /// Streams the differences, ordered by path, name by name. Dropping it stops the comparison.
    ///
    /// # Errors
    ///
    /// Those of [`Walk::stream`], or with [`keep_going`](Self::keep_going) those of
    /// [`Walk::events`].
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
