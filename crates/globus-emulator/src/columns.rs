//! Reading columns of the database.

use rusqlite::Row;
use rusqlite::types::Type;
use uuid::Uuid;

/// The UUID in a text column.
pub(crate) fn uuid_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let text: String = row.get(column)?;
    Uuid::parse_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}
