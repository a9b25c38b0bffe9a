//! The filters of the task list, and the combinations that are allowed.

use jiff::Timestamp;
use uuid::Uuid;

use crate::problem::Problem;
use crate::transfer::request::{Query, bad_request, shortened};
use crate::transfer::submit::Options;
use crate::transfer::tasks::{Status, Task};
use crate::transfer::times;

const MAX_TASKS: usize = 50;
const STATUSES: [&str; 4] = ["ACTIVE", "INACTIVE", "SUCCEEDED", "FAILED"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Source,
    Destination,
}

/// The filters of a task list.
#[derive(Debug)]
pub(super) struct Filters {
    statuses: Option<Vec<String>>,
    pub(super) task_ids: Option<Vec<Uuid>>,
    pub(super) owner: Option<Uuid>,
    pub(super) endpoint: Option<Uuid>,
    endpoint_use: Option<Use>,
    paused: Option<bool>,
    /// A completion time in this range; running tasks have none.
    completed: Option<(Option<Timestamp>, Option<Timestamp>)>,
    least_faults: Option<u64>,
    local_user: Option<String>,
}

impl Filters {
    pub(super) fn parse(query: &Query) -> Result<Self, Problem> {
        let filters = Self {
            statuses: statuses(query)?,
            task_ids: task_ids(query)?,
            owner: query.id("filter_owner_id")?,
            endpoint: query.id("filter_endpoint")?,
            endpoint_use: match query.filled("filter_endpoint_use") {
                None => None,
                Some("source") => Some(Use::Source),
                Some("destination") => Some(Use::Destination),
                Some(_) => {
                    return Err(bad_request(
                        "'filter_endpoint_use' must be source or destination",
                    ));
                }
            },
            paused: query.flag("filter_is_paused")?,
            completed: completed(query)?,
            least_faults: query
                .number("filter_min_faults")?
                .map(|least| u64::try_from(least).unwrap_or(u64::MAX)),
            local_user: query.filled("filter_local_user").map(str::to_owned),
        };
        filters.check_combination()?;
        Ok(filters)
    }

    /// Rejects combinations for which the service would have to scan all tasks.
    fn check_combination(&self) -> Result<(), Problem> {
        let running_only = self.statuses.as_ref().is_some_and(|statuses| {
            statuses
                .iter()
                .all(|status| matches!(status.as_str(), "ACTIVE" | "INACTIVE"))
        });
        let with_endpoint = self.endpoint.is_some();
        let refuse = |wrong: bool, why: &str| if wrong { Err(bad_request(why)) } else { Ok(()) };
        if self.task_ids.is_some() {
            return refuse(
                self.statuses.is_some()
                    || self.owner.is_some()
                    || with_endpoint
                    || self.endpoint_use.is_some()
                    || self.paused.is_some()
                    || self.completed.is_some()
                    || self.least_faults.is_some()
                    || self.local_user.is_some(),
                "'filter_task_id' cannot be combined with another filter",
            );
        }
        refuse(
            !with_endpoint && !running_only,
            "'filter_endpoint' or 'filter_task_id' is required unless 'filter_status' leaves in running tasks only",
        )?;
        refuse(
            !with_endpoint && self.endpoint_use.is_some(),
            "'filter_endpoint_use' requires 'filter_endpoint'",
        )?;
        refuse(
            !with_endpoint && self.local_user.is_some(),
            "'filter_local_user' requires 'filter_endpoint'",
        )?;
        refuse(
            self.paused.is_some() && !running_only,
            "'filter_is_paused' requires a 'filter_status' that leaves in running tasks only",
        )
    }

    /// Whether a task matches all filters except the one by side.
    pub(super) fn accept(&self, task: &Task) -> bool {
        let status = match task.status {
            Status::Active => "ACTIVE",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
        };
        let (source_user, destination_user) = match &task.options {
            Options::Transfer(options) => (
                options.source_local_user.as_deref(),
                options.destination_local_user.as_deref(),
            ),
            Options::Delete(options) => (options.local_user.as_deref(), None),
        };
        self.statuses
            .as_ref()
            .is_none_or(|statuses| statuses.iter().any(|wanted| wanted == status))
            && self.owner.is_none_or(|owner| owner == task.owner)
            && self.paused.is_none_or(|paused| paused == task.paused)
            && self
                .least_faults
                .is_none_or(|least| task.counters.faults >= least)
            && self
                .local_user
                .as_deref()
                .is_none_or(|user| source_user == Some(user) || destination_user == Some(user))
            && self
                .completed
                .is_none_or(|(from, to)| match task.completion_time {
                    Some(time) => {
                        from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to)
                    }
                    None => to.is_none(),
                })
    }

    /// Whether a task uses one of the collections on the requested side.
    pub(super) fn uses_side(&self, task: &Task, collections: &[Uuid]) -> bool {
        let uses = |side: Option<Uuid>| side.is_some_and(|id| collections.contains(&id));
        match self.endpoint_use {
            None => true,
            Some(Use::Source) => uses(task.source),
            Some(Use::Destination) => uses(task.destination),
        }
    }
}

fn statuses(query: &Query) -> Result<Option<Vec<String>>, Problem> {
    let Some(text) = query.filled("filter_status") else {
        return Ok(None);
    };
    let statuses: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
    match statuses
        .iter()
        .find(|one| !STATUSES.contains(&one.as_str()))
    {
        None => Ok(Some(statuses)),
        Some(unknown) => Err(bad_request(format!(
            "'{}' is not a status of a task",
            shortened(unknown)
        ))),
    }
}

fn task_ids(query: &Query) -> Result<Option<Vec<Uuid>>, Problem> {
    let Some(text) = query.filled("filter_task_id") else {
        return Ok(None);
    };
    let ids: Vec<Uuid> = text
        .split(',')
        .map(|id| {
            Uuid::parse_str(id.trim())
                .map_err(|_| bad_request(format!("The task id '{}' is not a UUID", shortened(id))))
        })
        .collect::<Result<_, _>>()?;
    if ids.len() > MAX_TASKS {
        return Err(bad_request(format!(
            "'filter_task_id' takes at most {MAX_TASKS} tasks"
        )));
    }
    Ok(Some(ids))
}

type Range = (Option<Timestamp>, Option<Timestamp>);

fn completed(query: &Query) -> Result<Option<Range>, Problem> {
    let Some(text) = query.filled("filter_completion_time") else {
        return Ok(None);
    };
    let wrong = || {
        bad_request(
            "'filter_completion_time' must be two times, FROM,TO, of which one may be empty",
        )
    };
    let read = |text: &str| match text.trim() {
        "" => Ok(None),
        text => times::parse(text).map(Some).ok_or_else(wrong),
    };
    let (from, to) = text.split_once(',').unwrap_or((text, ""));
    match (read(from)?, read(to)?) {
        (None, None) => Err(wrong()),
        range => Ok(Some(range)),
    }
}
