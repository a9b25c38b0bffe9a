//! The tables, in the Python SDK's format.

use rusqlite::Connection;

/// The tables of the Python SDK's `SQLiteTokenStorage`.
const TABLES: &str = "
    CREATE TABLE token_storage (
        namespace VARCHAR NOT NULL,
        resource_server VARCHAR NOT NULL,
        token_data_json VARCHAR NOT NULL,
        PRIMARY KEY (namespace, resource_server)
    );
    CREATE TABLE sdk_storage_adapter_internal (
        attribute VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (attribute)
    );";
/// The additional table of its predecessor `SQLiteAdapter`.
pub(super) const CONFIG_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS config_storage (
        namespace VARCHAR NOT NULL,
        config_name VARCHAR NOT NULL,
        config_data_json VARCHAR NOT NULL,
        PRIMARY KEY (namespace, config_name)
    );";

/// Creates the tables, including the one for configuration values in the older format. `false` when
/// the database has other tables.
pub(super) fn make(database: &Connection, legacy: bool) -> rusqlite::Result<bool> {
    let tables: i64 =
        database.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if tables > 0 {
        return Ok(false);
    }
    database.execute_batch(TABLES)?;
    if legacy {
        database.execute_batch(CONFIG_TABLE)?;
    }
    let writer = concat!("rust-", env!("CARGO_PKG_VERSION"));
    let schema = if legacy { "1" } else { "2" };
    database.execute(
        "INSERT INTO sdk_storage_adapter_internal(attribute, value)
         VALUES ('globus-sdk.version', ?), ('globus-sdk.database_schema_version', ?)",
        [writer, schema],
    )?;
    Ok(true)
}

pub(super) fn has_table(database: &Connection, name: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
    database.prepare(sql)?.exists([name])
}

pub(super) fn column(database: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    database
        .prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}
