//! Merging two ordered walks.

use super::{Counts, Difference, DifferenceKind, FileAttribute, Side};
use crate::error::Result;
use crate::generated::transfer::types::{File, FileType};
use crate::transfer::walk::{Entry, Ordered, Walk, WalkEvent};
use crate::types::Uuid;
use std::cmp::Ordering;
use std::task::{Context, Poll, ready};

/// One tree: its walk, and the next event of it.
pub(super) struct Tree {
    collection: Uuid,
    walk: Ordered,
    head: Option<Head>,
    ended: bool,
}

struct Head {
    /// The path below the top folder. That of a folder that could not be listed ends with a slash,
    /// and therefore sorts before everything in it.
    path: String,
    event: WalkEvent,
}

impl Tree {
    pub(super) fn new(mut walk: Walk, depth: usize) -> Result<Self> {
        let collection = walk.check()?;
        Ok(Self {
            collection,
            walk: Ordered::new(walk.max_depth(depth).by_name(), collection),
            head: None,
            ended: false,
        })
    }

    /// Ready when the head is known, or the walk has ended. Continues listing in any case.
    // a side that has its head must go on prefetching, or it would list nothing while the other is
    // slow
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
    fn new(event: WalkEvent) -> Self {
        let path = match &event {
            WalkEvent::Entry(entry) => last(&entry.path, entry.depth + 1).to_owned(),
            WalkEvent::ListFailure(folder) if folder.depth == 0 => String::new(),
            WalkEvent::ListFailure(folder) => {
                let path = last(folder.path.trim_end_matches('/'), folder.depth);
                format!("{path}/")
            }
        };
        Self { path, event }
    }
}

/// The last names of a path, as many as given.
fn last(path: &str, names: usize) -> &str {
    let slash = path.rmatch_indices('/').nth(names.saturating_sub(1));
    slash.map_or(path, |(at, _)| &path[at + 1..])
}

/// Compares paths name by name, which is the order of the walks; as texts, `a-b` would sort before
/// `a/b`.
fn order(left: &str, right: &str) -> Ordering {
    left.split('/').cmp(right.split('/'))
}

pub(super) struct Comparison {
    pub(super) left: Tree,
    pub(super) right: Tree,
    pub(super) counts: Counts,
    pub(super) keep_going: bool,
    /// The folder that one side could not list, with a trailing slash.
    pub(super) unknown: Option<String>,
}

impl Comparison {
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Difference>>> {
        // both sides are polled in every round, so that both register the waker
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

    /// Handles a head that the other side does not have.
    fn alone(&mut self, side: Side) -> Result<Option<Difference>> {
        let tree = match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        };
        let Some(Head { path, event }) = tree.head.take() else {
            return Ok(None);
        };
        let kind = match event {
            WalkEvent::ListFailure(folder) if !self.keep_going || folder.ends_walk() => {
                return Err(folder.into_error(tree.collection));
            }
            WalkEvent::ListFailure(folder) => {
                // with a single invalid entry, the rest of the folder is known
                if folder.entry.is_none() {
                    self.unknown = Some(path.clone());
                }
                DifferenceKind::ListFailure(side, folder)
            }
            // the other side's entries below that folder are not differences: it is unknown whether
            // they exist here
            WalkEvent::Entry(_) if self.unknown.as_ref().is_some_and(|u| path.starts_with(u)) => {
                return Ok(None);
            }
            WalkEvent::Entry(entry) => match side {
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
        match (left.event, right.event) {
            (WalkEvent::Entry(a), WalkEvent::Entry(b)) => {
                let attributes = self.counts.compare(&a, &b);
                Ok((!attributes.is_empty()).then(|| Difference {
                    path: left.path,
                    kind: DifferenceKind::Modified {
                        left: Box::new(a),
                        right: Box::new(b),
                        attributes,
                    },
                }))
            }
            // a folder that one side could not list: handle one side after the other
            (a, b) => {
                let path = left.path;
                self.left.head = Some(Head { path, event: a });
                let path = right.path;
                self.right.head = Some(Head { path, event: b });
                self.alone(Side::Left)
            }
        }
    }
}

impl Counts {
    fn compare(&self, left: &Entry, right: &Entry) -> Vec<FileAttribute> {
        let (a, b) = (&left.file, &right.file);
        if a.r#type != b.r#type || a.link_target.is_some() != b.link_target.is_some() {
            // a file and a folder have no further attributes to compare
            return vec![FileAttribute::Type];
        }
        let mut attributes = Vec::new();
        if a.r#type == FileType::Dir {
            return attributes;
        }
        if self.sizes && differ(a.size, b.size, |a, b| a != b) {
            attributes.push(FileAttribute::Size);
        }
        if let Some(tolerance) = self.times {
            let instant = |file: &File| file.last_modified.as_ref()?.instant();
            let apart = |a: jiff::Timestamp, b| a.duration_since(b).unsigned_abs() > tolerance;
            if differ(instant(a), instant(b), apart) {
                attributes.push(FileAttribute::Time);
            }
        }
        if let Some(field) = &self.checksum
            && differ(a.extra.get(field), b.extra.get(field), |a, b| a != b)
        {
            attributes.push(FileAttribute::Checksum);
        }
        attributes
    }
}

/// Whether two values differ; unknown values are not a difference.
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
