//! Comparing two trees: two ordered walks, merged.
//!
//! Both sides list each folder by name and come down their trees in the same order, so that one look
//! at the heads of both tells what is only here, only there, or in both. Nothing is kept beside the
//! two walks.

use super::types::FileType;
use super::walk::{Entry, Ordered, Unlisted, Visit, Walk};
use crate::error::Result;
use crate::paging::Items;
use crate::types::Uuid;
use futures_util::stream;
use std::cmp::Ordering;
use std::fmt;
use std::task::{Context, Poll, ready};
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
/// use globus_sdk::transfer::{Aspect, DifferenceKind, Difference};
///
/// /// Whether copying from left to right would change the right.
/// fn wants_a_copy(difference: &Difference) -> bool {
///     match &difference.kind {
///         DifferenceKind::OnlyLeft(_) => true,
///         DifferenceKind::Both { aspects, .. } => aspects.contains(&Aspect::Size),
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
    /// Both have it, and it is not the same.
    Both {
        /// What the left tree has.
        left: Box<Entry>,
        /// What the right tree has.
        right: Box<Entry>,
        /// In what they differ; never empty.
        aspects: Vec<Aspect>,
    },
    /// A folder that one side could not list: nothing is known of what is in it. Only with
    /// [`keep_going`](Diff::keep_going).
    Unlisted(Side, Unlisted),
}

/// In what a file differs from its counterpart.
///
/// ```
/// use globus_sdk::transfer::Aspect;
///
/// assert_ne!(Aspect::Size, Aspect::Time);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Aspect {
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

/// As `diff --brief`: a sign (`<` only left, `>` only right, `!` both, `?` unknown) and the path.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DifferenceKind::OnlyLeft(_) => write!(f, "< {}", self.path),
            DifferenceKind::OnlyRight(_) => write!(f, "> {}", self.path),
            DifferenceKind::Both { aspects, .. } => {
                write!(f, "! {} (", self.path)?;
                for (i, aspect) in aspects.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    let name = match aspect {
                        Aspect::Type => "type",
                        Aspect::Size => "size",
                        Aspect::Time => "time",
                        Aspect::Checksum => "checksum",
                    };
                    write!(f, "{comma}{name}")?;
                }
                f.write_str(")")
            }
            DifferenceKind::Unlisted(side, folder) => {
                write!(f, "? {} ({side}: {})", self.path, folder.error)
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
///     .times(Duration::from_secs(2))
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
    /// let names_only = left.diff(right).sizes(false).stream();
    /// # }
    /// ```
    pub fn sizes(mut self, count: bool) -> Self {
        self.counts.sizes = count;
        self
    }

    /// A file differs when its times of change are further apart than this. They do not count by
    /// default, since a transfer keeps them only when asked to.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) {
    /// let to_the_second = left.diff(right).times(Duration::ZERO).stream();
    /// # }
    /// ```
    pub fn times(mut self, tolerance: Duration) -> Self {
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

    /// Makes a folder that cannot be listed a [`DifferenceKind::Unlisted`]; what is in it is left out on
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
    /// [`Walk::visits`].
    ///
    /// ```no_run
    /// # async fn run(left: globus_sdk::transfer::Walk, right: globus_sdk::transfer::Walk) -> globus_sdk::Result<()> {
    /// let same = left.diff(right).stream().next().await.transpose()?.is_none();
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> Items<Difference> {
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
            Err(error) => return Items::new(stream::once(async { Err(error) })),
        };
        Items::new(stream::poll_fn(move |cx| {
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

/// A tree, and the head of what is left of its walk.
struct Tree {
    collection: Uuid,
    walk: Ordered,
    head: Option<Head>,
    ended: bool,
}

struct Head {
    /// Below the top. The path of an unlisted folder ends with a slash, and so stands before all
    /// that is in it.
    path: String,
    visit: Visit,
}

impl Tree {
    fn new(mut walk: Walk, depth: usize) -> Result<Self> {
        let collection = walk.check()?;
        Ok(Self {
            collection,
            walk: Ordered::new(walk.max_depth(depth).by_name(), collection),
            head: None,
            ended: false,
        })
    }

    /// Ready when the head is there, or the end. Goes on listing in any case.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.head.is_some() || self.ended {
            self.walk.advance(cx);
            return Poll::Ready(());
        }
        self.head = ready!(self.walk.poll_next(cx)).map(Head::new);
        self.ended = self.head.is_none();
        Poll::Ready(())
    }
}

impl Head {
    fn new(visit: Visit) -> Self {
        let path = match &visit {
            Visit::Entry(entry) => last(&entry.path, entry.depth + 1).to_owned(),
            Visit::Unlisted(folder) if folder.depth == 0 => String::new(),
            Visit::Unlisted(folder) => {
                let path = last(folder.path.trim_end_matches('/'), folder.depth);
                format!("{path}/")
            }
        };
        Self { path, visit }
    }
}

/// The last so many names of a path.
fn last(path: &str, names: usize) -> &str {
    let slash = path.rmatch_indices('/').nth(names.saturating_sub(1));
    slash.map_or(path, |(at, _)| &path[at + 1..])
}

/// Name by name, as the walks go.
fn order(left: &str, right: &str) -> Ordering {
    left.split('/').cmp(right.split('/'))
}

struct Comparison {
    left: Tree,
    right: Tree,
    counts: Counts,
    keep_going: bool,
    /// The folder that one side could not list, with a slash at its end.
    unknown: Option<String>,
}

impl Comparison {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Difference>>> {
        loop {
            let heads = (self.left.poll_head(cx), self.right.poll_head(cx));
            if heads.0.is_pending() || heads.1.is_pending() {
                return Poll::Pending;
            }
            let order = match (&self.left.head, &self.right.head) {
                (None, None) => return Poll::Ready(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => order(&left.path, &right.path),
            };
            let difference = match order {
                Ordering::Less => self.alone(Side::Left),
                Ordering::Greater => self.alone(Side::Right),
                Ordering::Equal => self.both(),
            };
            if let Some(difference) = difference.transpose() {
                return Poll::Ready(Some(difference));
            }
        }
    }

    /// What one side has at its head and the other has not.
    fn alone(&mut self, side: Side) -> Result<Option<Difference>> {
        let tree = match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        };
        let Some(Head { path, visit }) = tree.head.take() else {
            return Ok(None);
        };
        let kind = match visit {
            Visit::Unlisted(folder) if !self.keep_going || folder.is_no_exception() => {
                return Err(folder.into_error(tree.collection));
            }
            Visit::Unlisted(folder) => {
                self.unknown = Some(path.clone());
                DifferenceKind::Unlisted(side, folder)
            }
            Visit::Entry(_) if self.unknown.as_ref().is_some_and(|u| path.starts_with(u)) => {
                return Ok(None);
            }
            Visit::Entry(entry) => match side {
                Side::Left => DifferenceKind::OnlyLeft(entry),
                Side::Right => DifferenceKind::OnlyRight(entry),
            },
        };
        Ok(Some(Difference { path, kind }))
    }

    fn both(&mut self) -> Result<Option<Difference>> {
        let (Some(left), Some(right)) = (self.left.head.take(), self.right.head.take()) else {
            return Ok(None);
        };
        match (left.visit, right.visit) {
            (Visit::Entry(a), Visit::Entry(b)) => {
                let aspects = self.counts.compare(&a, &b);
                Ok((!aspects.is_empty()).then(|| Difference {
                    path: left.path,
                    kind: DifferenceKind::Both {
                        left: Box::new(a),
                        right: Box::new(b),
                        aspects,
                    },
                }))
            }
            // a folder that cannot be listed: one side after the other
            (a, b) => {
                let path = left.path;
                self.left.head = Some(Head { path, visit: a });
                let path = right.path;
                self.right.head = Some(Head { path, visit: b });
                self.alone(Side::Left)
            }
        }
    }
}

impl Counts {
    fn compare(&self, left: &Entry, right: &Entry) -> Vec<Aspect> {
        let (a, b) = (&left.file, &right.file);
        if a.r#type != b.r#type || a.link_target.is_some() != b.link_target.is_some() {
            return vec![Aspect::Type];
        }
        let mut aspects = Vec::new();
        if a.r#type == FileType::Dir {
            return aspects;
        }
        if self.sizes && differ(a.size, b.size, |a, b| a != b) {
            aspects.push(Aspect::Size);
        }
        if let Some(tolerance) = self.times {
            let instant = |file: &super::types::File| file.last_modified.as_ref()?.instant();
            let apart = |a: jiff::Timestamp, b| a.duration_since(b).unsigned_abs() > tolerance;
            if differ(instant(a), instant(b), apart) {
                aspects.push(Aspect::Time);
            }
        }
        if let Some(field) = &self.checksum
            && differ(a.extra.get(field), b.extra.get(field), |a, b| a != b)
        {
            aspects.push(Aspect::Checksum);
        }
        aspects
    }
}

/// What one listing does not say differs from nothing.
fn differ<T>(left: Option<T>, right: Option<T>, unequal: impl Fn(T, T) -> bool) -> bool {
    left.zip(right)
        .is_some_and(|(left, right)| unequal(left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_and_not_characters() {
        // a space sorts before a slash
        let mut paths = ["a", "a/", "a/b", "a b", "a b/c", "a!"];
        paths.sort_by(|left, right| order(left, right));
        assert_eq!(paths, ["a", "a/", "a/b", "a b", "a b/c", "a!"]);
    }

    #[test]
    fn the_path_below_the_top_is_its_last_names() {
        assert_eq!(last("/top/a/b", 2), "a/b");
        assert_eq!(last("/a", 1), "a");
        assert_eq!(last("a", 3), "a");
    }
}
