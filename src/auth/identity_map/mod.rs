//! Identities by the hundred: who is behind a list of ids or usernames.
//!
//! Names that are asked for at the same time travel together. Each kind of name has a queue: a queue of
//! batches that wait, and a few workers that carry them. A full batch goes at once; one that has room
//! left goes when nothing is on the way, and until then whoever comes joins it. So nobody waits by the
//! clock, and many small questions become few large ones.

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

/// How many names the service looks up in one call.
const BATCH: usize = 100;

/// Looks up identities by id or username, many in one call, and each once.
///
/// What was found is kept, and so is that there is no such identity. Whoever asks for the same names
/// at the same time shares one call, and its error if it fails; errors are not kept. Usernames are the
/// same in capitals. A clone is the same map.
///
/// ```no_run
/// use globus_sdk::auth::IdentityMap;
///
/// # async fn run(globus: globus_sdk::Globus, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
/// let identities = IdentityMap::new(&globus.auth());
/// for (id, identity) in ids.iter().zip(identities.get_many(&ids).await?) {
///     match identity {
///         Some(identity) => println!("{id} is {}", identity.username.as_deref().unwrap_or("?")),
///         None => println!("nobody is {id}"),
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

/// How an identity is asked for: by its id, or by its username.
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
    /// The identity's username, in small letters.
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

/// Whether a text is a username: it is one unless it is a UUID.
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

/// Ids and usernames, told apart; each occurs once, in order. Usernames stay as they are.
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
    /// An empty map, which asks as `client`.
    ///
    /// ```
    /// use globus_sdk::auth::{AccessTokenAuthorizer, Client, IdentityMap};
    ///
    /// let auth = Client::builder().authorizer(AccessTokenAuthorizer::new("a-token")).build()?;
    /// let identities = IdentityMap::new(&auth);
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn new(client: &Client) -> Self {
        Self::with_batch_size(client, BATCH)
    }

    /// With another number of names in a call than 100, which is as many as the service takes.
    ///
    /// ```no_run
    /// # fn run(auth: globus_sdk::auth::Client) {
    /// let identities = globus_sdk::auth::IdentityMap::with_batch_size(&auth, 20);
    /// # }
    /// ```
    pub fn with_batch_size(client: &Client, batch_size: usize) -> Self {
        Self(Arc::new(Inner {
            client: client.clone(),
            batch: batch_size.max(1),
            queue: Mutex::default(),
        }))
    }

    /// One identity; `None` when there is none of that name.
    ///
    /// # Errors
    ///
    /// As the call fails, and kind `Usage` outside of a tokio runtime.
    ///
    /// ```no_run
    /// # async fn run(identities: globus_sdk::auth::IdentityMap) -> globus_sdk::Result<()> {
    /// let kingfish = identities.get("kingfish@globus.org").await?;
    /// let id = kingfish.map(|identity| identity.id);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, name: impl Into<IdentityName>) -> Result<Option<Arc<Identity>>> {
        let found = self.get_many([name]).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// Many identities, in the order of the names.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get). What was found in other calls than the one that failed is kept.
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
        loop {
            let (found, waiting) = self.lookup(&names)?;
            if waiting.is_empty() {
                return Ok(found);
            }
            for batch in waiting {
                // `None`: cut off with its runtime, and asked for again in this one
                if let Some(outcome) = batch.await {
                    outcome?;
                }
            }
        }
    }

    /// Names that will be asked for: they travel with the next call that has room, and are known then.
    /// Asks for nothing by itself.
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

    /// Forgets an identity, by either of its names, so that it is asked for anew. `false` when it was
    /// not known.
    ///
    /// ```no_run
    /// # fn run(identities: globus_sdk::auth::IdentityMap) {
    /// identities.forget("kingfish@globus.org");
    /// # }
    /// ```
    pub fn forget(&self, name: impl Into<IdentityName>) -> bool {
        self.0.queue().forget(&name.into())
    }

    /// What is known, and the batches of what is not; the two are complete together.
    fn lookup(&self, names: &[IdentityName]) -> Result<(Vec<Found>, Vec<BatchFuture>)> {
        let mut found = Vec::with_capacity(names.len());
        let mut waiting = PendingBatches::default();
        let mut queue = self.0.queue();
        for name in names {
            found.push(queue.lookup(name, self.0.batch, &mut waiting));
        }
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
