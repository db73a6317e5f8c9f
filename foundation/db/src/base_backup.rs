//! A copy of a running server's files that recovers to one moment, by PostgreSQL's low-level interface: no program but the
//! server itself is needed.

use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, result::Error, sql_query,
    sql_types::Text,
};

use crate::migrate::MigrateError;

/// A backup under way. It is given up when this is dropped.
pub struct BaseBackup {
    conn: PgConnection,
}

/// What must be kept with the copied files.
#[derive(Debug, QueryableByName)]
pub struct BackupEnd {
    /// The text of the file `backup_label`.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// The last file of the log that recovery needs.
    #[diesel(sql_type = Text)]
    pub last_wal: String,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

impl std::fmt::Debug for BaseBackup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BaseBackup").finish_non_exhaustive()
    }
}

impl BaseBackup {
    /// Begins, as a superuser. From now on the server keeps its log; the files may be copied in any order. Blocks for a checkpoint.
    pub fn begin(superuser_url: &str) -> Result<Self, MigrateError> {
        let mut conn = PgConnection::establish(superuser_url)?;
        // A temporary slot goes with the connection, however that ends.
        conn.batch_execute(
            "SELECT pg_create_physical_replication_slot('smecloud_backup_' || pg_backend_pid(), true, true);
             SELECT pg_backup_start('smecloud', true)",
        )?;
        Ok(Self { conn })
    }

    /// The server's version, such as `15.14`.
    pub fn server_version(&mut self) -> Result<String, MigrateError> {
        Ok(ask(&mut self.conn, "SELECT current_setting('server_version') AS answer")?)
    }

    /// Ends: everything committed by now is in the copy once the log up to [`BackupEnd::last_wal`] is copied too. The log
    /// stays until this is dropped.
    pub fn end(&mut self) -> Result<BackupEnd, MigrateError> {
        let sql = "SELECT labelfile AS label, pg_walfile_name(lsn) AS last_wal FROM pg_backup_stop(false)";
        Ok(sql_query(sql).get_result(&mut self.conn)?)
    }
}

impl BackupEnd {
    /// The first file of the log that recovery needs.
    pub fn first_wal(&self) -> Option<&str> {
        let line = self.label.lines().find(|line| line.starts_with("START WAL LOCATION"))?;
        line.split_once("(file ")?.1.split(')').next()
    }
}

fn ask(conn: &mut PgConnection, sql: &str) -> Result<String, Error> {
    Ok(sql_query(sql).get_result::<Answer>(conn)?.answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_log_file_stands_in_the_label() {
        let label = "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\n";
        let end = BackupEnd { label: label.to_owned(), last_wal: String::new() };
        assert_eq!(end.first_wal(), Some("000000010000000000000002"));
    }
}
