//! The task document.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::events::Code;
use super::{Status, Task};
use crate::transfer::filter::{Kind, Record, Value};
use crate::transfer::names::legacy_username;
use crate::transfer::submit::{DeleteOptions, Options, TransferOptions};
use crate::transfer::times;

/// The duration in whole seconds, at least one, as a divisor for rates.
fn seconds(task: &Task, now: Timestamp) -> i64 {
    let end = task.completion_time.unwrap_or(now);
    (end.as_second() - task.request_time.as_second()).max(1)
}

fn rate(task: &Task, now: Timestamp) -> u64 {
    task.counters.bytes_transferred / u64::try_from(seconds(task, now)).unwrap_or(1)
}

/// The details of the final events.
pub(super) fn summary(task: &Task, now: Timestamp) -> Json {
    match task.options {
        Options::Transfer(_) => json!({
            "files_succeeded": task.counters.files_transferred + task.counters.files_skipped,
            "bytes_transferred": task.counters.bytes_transferred,
        }),
        Options::Delete(_) => json!({
            "files_succeeded": task.counters.files,
            "duration": seconds(task, now),
        }),
    }
}

impl Task {
    /// The document for the task's owner.
    pub(in crate::transfer) fn document(&self, now: Timestamp) -> Json {
        let parts = [
            self.about(),
            self.state(),
            self.progress(now),
            self.submitted(),
        ];
        let members = parts.into_iter().filter_map(|part| match part {
            Json::Object(members) => Some(members),
            _ => None,
        });
        Json::Object(members.flatten().collect())
    }

    fn about(&self) -> Json {
        let canonical_name =
            |id: Option<uuid::Uuid>| id.map(|id| format!("{}#{id}", legacy_username(self.owner)));
        json!({
            "DATA_TYPE": "task",
            "task_id": self.id,
            "type": self.options.kind(),
            "label": self.label,
            "owner_id": self.owner,
            "username": legacy_username(self.owner),
            "command": "API 0.10",
            "source_endpoint_id": self.source,
            "source_endpoint": canonical_name(self.source),
            "source_endpoint_display_name": self.source_name,
            "destination_endpoint_id": self.destination,
            "destination_endpoint": canonical_name(self.destination),
            "destination_endpoint_display_name": self.destination_name,
        })
    }

    fn state(&self) -> Json {
        let active = self.status == Status::Active;
        let (nice_status, nice_text) = match (active, &self.error_code) {
            (false, _) => (None, None),
            // A pause hides an error: it is what the user can do something about.
            (true, _) if self.paused => (Some("PAUSED_BY_ADMIN"), Some("paused by admin")),
            (true, Some(code)) => (
                Some(code.as_str()),
                Code::from_name(code).map(Code::description),
            ),
            (true, None) if self.running => (Some("OK"), Some("OK")),
            (true, None) => (Some("Queued"), Some("Queued")),
        };
        json!({
            "status": self.status.name(),
            "is_ok": active.then_some(self.error_code.is_none() && !self.paused),
            "is_paused": self.paused,
            "nice_status": nice_status,
            "nice_status_short_description": nice_text,
            "nice_status_details": null,
            "nice_status_expires_in": active.then_some(-1),
            "fatal_error": self.fatal_error.map(|code| json!({ "code": code.name(), "description": code.description() })),
            "canceled_by_admin": self.canceled_by_admin.as_ref().map(|(side, _)| side),
            "canceled_by_admin_message": self.canceled_by_admin.as_ref().map(|(_, message)| message),
            "history_deleted": false,
            "request_time": times::with_t(self.request_time),
            "completion_time": self.completion_time.map(times::with_t),
            "deadline": times::with_t(self.deadline),
        })
    }

    fn progress(&self, now: Timestamp) -> Json {
        let counters = &self.counters;
        let left = counters.subtasks_left();
        let succeeded = self.status == Status::Succeeded;
        let unless = |condition: bool| if condition { 0 } else { left };
        let ended_by = |code: Code| self.fatal_error == Some(code);
        // Subtasks that were left are canceled, expired or failed, depending on how the task ended.
        let failed =
            self.status == Status::Failed && !ended_by(Code::Canceled) && !ended_by(Code::Expired);
        json!({
            "files": counters.files,
            "directories": counters.directories,
            "symlinks": counters.symlinks,
            "files_skipped": counters.files_skipped,
            "files_transferred": counters.files_transferred,
            "bytes_transferred": counters.bytes_transferred,
            "bytes_checksummed": counters.bytes_checksummed,
            "effective_bytes_per_second": rate(self, now),
            "faults": counters.faults,
            "subtasks_total": counters.subtasks_total(),
            "subtasks_succeeded": if succeeded { counters.subtasks_succeeded + left } else { counters.subtasks_succeeded },
            "subtasks_pending": unless(self.status != Status::Active),
            "subtasks_retrying": if self.status == Status::Active { counters.subtasks_retrying } else { 0 },
            "subtasks_failed": unless(!failed),
            "subtasks_canceled": unless(!ended_by(Code::Canceled)),
            "subtasks_expired": unless(!ended_by(Code::Expired)),
            "subtasks_skipped_errors": counters.subtasks_skipped_errors,
        })
    }

    fn submitted(&self) -> Json {
        match &self.options {
            Options::Transfer(options) => transfer(options),
            Options::Delete(options) => delete(options),
        }
    }
}

fn transfer(options: &TransferOptions) -> Json {
    let (source_base_path, destination_base_path) = options
        .base_paths
        .as_ref()
        .map(|(source, destination)| (source, destination))
        .unzip();
    json!({
        "sync_level": options.sync_level,
        "verify_checksum": options.verify_checksum,
        "preserve_timestamp": options.preserve_timestamp,
        "encrypt_data": options.encrypt_data,
        "delete_destination_extra": options.delete_destination_extra,
        "skip_source_errors": options.skip_source_errors,
        "fail_on_quota_errors": options.fail_on_quota_errors,
        "recursive_symlinks": options.recursive_symlinks,
        "filter_rules": options.filter_rules,
        "source_local_user": options.source_local_user,
        "source_local_user_status": "OK",
        "destination_local_user": options.destination_local_user,
        "destination_local_user_status": "OK",
        "source_base_path": source_base_path,
        "destination_base_path": destination_base_path,
    })
}

fn delete(options: &DeleteOptions) -> Json {
    json!({
        "sync_level": null,
        "verify_checksum": false,
        "preserve_timestamp": false,
        "encrypt_data": false,
        "delete_destination_extra": false,
        "skip_source_errors": false,
        "fail_on_quota_errors": false,
        "recursive_symlinks": null,
        "filter_rules": null,
        "source_local_user": options.local_user,
        "source_local_user_status": "OK",
        "destination_local_user": null,
        "destination_local_user_status": "NO_ENDPOINT",
        "source_base_path": null,
        "destination_base_path": null,
    })
}

/// A task in a list, with its document.
pub(super) struct Listed {
    task: Task,
    document: Json,
}

impl Listed {
    pub(super) fn new(task: Task, now: Timestamp) -> Self {
        let document = task.document(now);
        Self { task, document }
    }

    pub(super) fn document(self) -> Json {
        self.document
    }
}

impl Record for Listed {
    fn kind(field: &str) -> Option<Kind> {
        Some(match field {
            "task_id"
            | "type"
            | "status"
            | "label"
            | "owner_id"
            | "username"
            | "command"
            | "source_endpoint_id"
            | "source_endpoint"
            | "source_endpoint_display_name"
            | "destination_endpoint_id"
            | "destination_endpoint"
            | "destination_endpoint_display_name"
            | "nice_status"
            | "recursive_symlinks" => Kind::Text,
            "request_time" | "completion_time" | "deadline" => Kind::Time,
            "files"
            | "directories"
            | "symlinks"
            | "files_skipped"
            | "files_transferred"
            | "bytes_transferred"
            | "bytes_checksummed"
            | "effective_bytes_per_second"
            | "faults"
            | "subtasks_total"
            | "subtasks_succeeded"
            | "subtasks_pending"
            | "subtasks_retrying"
            | "subtasks_failed"
            | "subtasks_canceled"
            | "subtasks_expired"
            | "subtasks_skipped_errors"
            | "sync_level" => Kind::Number,
            "is_paused"
            | "is_ok"
            | "verify_checksum"
            | "preserve_timestamp"
            | "encrypt_data"
            | "delete_destination_extra"
            | "skip_source_errors"
            | "fail_on_quota_errors"
            | "history_deleted" => Kind::Flag,
            _ => return None,
        })
    }

    fn value(&self, field: &str) -> Value {
        // Times in the document have whole seconds, which is too coarse to sort by.
        match field {
            "request_time" => return Value::Time(self.task.request_time),
            "completion_time" => return self.task.completion_time.map_or(Value::Null, Value::Time),
            "deadline" => return Value::Time(self.task.deadline),
            _ => {}
        }
        match self.document.get(field) {
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Bool(flag)) => Value::Flag(*flag),
            Some(Json::Number(number)) => number.as_i64().map_or(Value::Null, Value::Number),
            _ => Value::Null,
        }
    }
}
