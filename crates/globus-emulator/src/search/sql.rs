//! Pieces of SQL with their parameters, so that no value is ever spliced into a statement.

use rusqlite::types::Value;

/// A piece of SQL and the values of its question marks, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) params: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            params: Vec::new(),
        }
    }

    /// Adds a value for the next question mark.
    #[must_use]
    pub(crate) fn with(mut self, value: impl Into<Value>) -> Self {
        self.params.push(value.into());
        self
    }

    /// Appends another piece.
    pub(crate) fn push(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.params.extend(other.params);
    }

    /// All of these hold; an empty list always does.
    pub(crate) fn all(pieces: Vec<Self>) -> Self {
        Self::joined(pieces, " AND ", "1")
    }

    /// One of these holds at least; an empty list never does.
    pub(crate) fn any(pieces: Vec<Self>) -> Self {
        Self::joined(pieces, " OR ", "0")
    }

    fn joined(pieces: Vec<Self>, separator: &str, empty: &str) -> Self {
        if pieces.is_empty() {
            return Self::new(empty);
        }
        let mut joined = Self::new("(");
        for (number, piece) in pieces.into_iter().enumerate() {
            if number > 0 {
                joined.text.push_str(separator);
            }
            joined.push(piece);
        }
        joined.text.push(')');
        joined
    }

    /// The opposite.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        Self {
            text: format!("NOT ({})", self.text),
            params: self.params,
        }
    }

    /// As many question marks as there are values, with the values.
    pub(crate) fn list(values: impl IntoIterator<Item = Value>) -> Self {
        let params: Vec<Value> = values.into_iter().collect();
        let marks = vec!["?"; params.len()].join(", ");
        Self {
            text: marks,
            params,
        }
    }
}
