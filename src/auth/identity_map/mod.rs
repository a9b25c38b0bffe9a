//! Bulk identity lookup by id or username.
//!
//! Concurrent lookups are batched. There is one queue per kind of name (id, username), with up to
//! four workers that send its batches. A full batch is sent at once; a partial one is sent when no
//! other is in flight, and until then further lookups join it. So no lookup waits for a timer, and
//! many small lookups become few requests.
//!
//! ```text
//! get, get_many ──lookup──▶ BatchQueue<Uuid>      ─┐
//!                           BatchQueue<username>  ─┤ next_batch
//!                             │ Known, or          ▼
//!                             │ Pending        BatchWorker × 1..=4 ──get_identities──▶ Auth
//!                             ▼                    │ resolve
//!                        BatchFuture ◀─────────────┘
//! ```

mod queue;
mod worker;

use crate::error::Result;
use crate::generated::auth::Client;
use crate::generated::auth::types::Identity;
use crate::types::Uuid;
use queue::{BatchFuture, BatchQueue, Found, PendingBatches};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use worker::send;

/// How many names the service looks up in one request.
const BATCH: usize = 100;

/// Looks up identities by id or username: many per request, and each once.
///
/// Results are cached, including that there is no such identity. Concurrent lookups of the same
/// name share one request, and its error if it fails; errors are not cached. Usernames are
/// case-insensitive. A clone shares the cache.
///
/// ```no_run
/// use globus_sdk::auth::IdentityMap;
///
/// # async fn run(globus: globus_sdk::Globus, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
/// let identities = IdentityMap::new(&globus.auth());
/// for (id, identity) in ids.iter().zip(identities.get_many(&ids).await?) {
///     match identity {
///         Some(identity) => println!("{id} is {}", identity.username.as_deref().unwrap_or("?")),
///         None => println!("there is no identity {id}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct IdentityMap(Arc<Inner>);

struct Inner {
    client: Client,
    batch: usize,
    queue: Mutex<BatchQueue>,
}

/// What to look up: an id or a username.
///
/// ```
/// use globus_sdk::auth::IdentityName;
///
/// let by_id: IdentityName = "ae341a98-d274-11e5-b888-dbae3a8ba545".into();
/// assert!(matches!(by_id, IdentityName::Id(_)));
/// assert!(matches!("kingfish@globus.org".into(), IdentityName::Username(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IdentityName {
    /// The identity's id.
    Id(Uuid),
    /// The identity's username, in lower case.
    Username(Arc<str>),
}

impl From<Uuid> for IdentityName {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&Uuid> for IdentityName {
    fn from(id: &Uuid) -> Self {
        Self::Id(*id)
    }
}

impl From<&str> for IdentityName {
    fn from(text: &str) -> Self {
        let text = text.trim();
        match Uuid::try_parse(text) {
            Ok(id) => Self::Id(id),
            Err(_) => Self::Username(text.to_lowercase().into()),
        }
    }
}

impl From<&String> for IdentityName {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for IdentityName {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&IdentityName> for IdentityName {
    fn from(name: &IdentityName) -> Self {
        name.clone()
    }
}

/// Whether a text is a username, which is any text that is not a UUID.
///
/// ```
/// use globus_sdk::auth::is_username;
///
/// assert!(is_username("kingfish@globus.org"));
/// assert!(!is_username("ae341a98-d274-11e5-b888-dbae3a8ba545"));
/// ```
pub fn is_username(text: &str) -> bool {
    matches!(IdentityName::from(text), IdentityName::Username(_))
}

/// Separates ids from usernames; each occurs once, sorted. Usernames are returned as given.
///
/// ```
/// use globus_sdk::auth::split_ids_and_usernames;
///
/// let names = ["kingfish@globus.org", "ae341a98-d274-11e5-b888-dbae3a8ba545"];
/// let (ids, usernames) = split_ids_and_usernames(names);
/// assert_eq!((ids.len(), usernames.len()), (1, 1));
/// ```
pub fn split_ids_and_usernames(
    names: impl IntoIterator<Item = impl AsRef<str>>,
) -> (BTreeSet<Uuid>, BTreeSet<String>) {
    let (mut ids, mut usernames) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        let name = name.as_ref();
        match IdentityName::from(name) {
            IdentityName::Id(id) => ids.insert(id),
            IdentityName::Username(_) => usernames.insert(name.trim().to_owned()),
        };
    }
    (ids, usernames)
}

impl IdentityMap {
    /// Creates an empty map that makes its requests through `client`.
    pub fn new(client: &Client) -> Self {
        Self::with_batch_size(client, BATCH)
    }

    /// Creates a map with a batch size other than 100, which is the most the service accepts.
    pub fn with_batch_size(client: &Client, batch_size: usize) -> Self {
        Self(Arc::new(Inner {
            client: client.clone(),
            batch: batch_size.max(1),
            queue: Mutex::default(),
        }))
    }

    /// Looks up one identity; `None` when there is none of that name.
    ///
    /// # Errors
    ///
    /// Any kind that the call fails with, and kind `Usage` outside of a tokio runtime.
    pub async fn get(&self, name: impl Into<IdentityName>) -> Result<Option<Arc<Identity>>> {
        let found = self.get_many([name]).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Looks up many identities, in the order of the names.
    ///
    /// # Errors
    ///
    /// See [`get`](Self::get). Results of other requests than the one that failed are cached.
    ///
    /// ```no_run
    /// # async fn run(identities: globus_sdk::auth::IdentityMap) -> globus_sdk::Result<()> {
    /// let found = identities.get_many(["kingfish@globus.org", "go@globusid.org"]).await?;
    /// assert_eq!(found.len(), 2);
    /// # Ok(()) }
    /// ```
    pub async fn get_many<N: Into<IdentityName>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Vec<Option<Arc<Identity>>>> {
        let names: Vec<IdentityName> = names.into_iter().map(Into::into).collect();
        // once a batch is done, its names are known; a name that was forgotten meanwhile is looked
        // up again, hence the loop
        loop {
            let (found, waiting) = self.lookup(&names)?;
            if waiting.is_empty() {
                return Ok(found);
            }
            for batch in waiting {
                // `None`: the worker's runtime shut down, so the next round looks the names up in
                // this one
                if let Some(outcome) = batch.await {
                    outcome?;
                }
            }
        }
    }

    /// Prefetches names: they are added to the next request that has room. Sends no request on its
    /// own.
    ///
    /// ```no_run
    /// # async fn run(identities: globus_sdk::auth::IdentityMap) -> globus_sdk::Result<()> {
    /// identities.add(["kingfish@globus.org", "go@globusid.org"]);
    /// let kingfish = identities.get("kingfish@globus.org").await?; // one call for both
    /// # Ok(()) }
    /// ```
    pub fn add<N: Into<IdentityName>>(&self, names: impl IntoIterator<Item = N>) {
        let mut queue = self.0.queue();
        for name in names {
            queue.prefetch(name.into());
        }
    }

    /// Removes an identity from the cache, by either of its names, so that it is looked up again.
    /// `false` when it was not cached.
    pub fn forget(&self, name: impl Into<IdentityName>) -> bool {
        self.0.queue().forget(&name.into())
    }

    /// What is cached, and the batches of what is not; the result is complete when no batch is
    /// pending.
    fn lookup(&self, names: &[IdentityName]) -> Result<(Vec<Found>, Vec<BatchFuture>)> {
        let mut found = Vec::with_capacity(names.len());
        let mut waiting = PendingBatches::default();
        let mut queue = self.0.queue();
        for name in names {
            found.push(queue.lookup(name, self.0.batch, &mut waiting));
        }
        // workers are counted under the lock and spawned after it, so that two callers never start
        // too many
        let workers = self.0.workers(&mut queue);
        drop(queue);
        send(workers)?;
        Ok((found, waiting.0))
    }
}

impl fmt::Debug for IdentityMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.queue().ids();
        f.debug_struct("IdentityMap")
            .field("client", &self.0.client)
            .field("batch", &self.0.batch)
            .field("known", &known)
            .finish_non_exhaustive()
    }
}
