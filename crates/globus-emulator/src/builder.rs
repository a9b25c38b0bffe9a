//! What an emulator is to be like.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use crate::app_state::{Identity, Settings};
use crate::auth::identities;
use crate::auth::requirements::Requirements;
use crate::collection_options::CollectionOptions;
use crate::control::seed::{Seed, SeedRequest};
use crate::emulator::{Emulator, StartError};
use crate::faults::FaultPlan;
use crate::limits::Limits;
use crate::strict::Strictness;
use crate::task_control::{TaskFault, TaskSettings};

/// How long an access token of Globus lives: 48 hours.
const TOKEN_LIFETIME: Duration = Duration::from_secs(172_800);

/// Well above what any client needs on one machine, and below the 90 seconds for which reqwest keeps an
/// idle connection.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A folder to serve, before its id is settled.
#[derive(Debug, Clone)]
pub(crate) struct CollectionConfig {
    pub(crate) id: Option<Uuid>,
    pub(crate) display_name: String,
    pub(crate) folder: PathBuf,
    /// How many bytes it may hold.
    pub(crate) quota: Option<u64>,
    /// What it asks of its users; what it asked before, unless that is said.
    pub(crate) requirements: Option<Requirements>,
}

/// An identity that belongs to somebody who has another one.
#[derive(Debug, Clone)]
pub(crate) struct LinkedIdentity {
    pub(crate) identity: Identity,
    pub(crate) person: Uuid,
}

/// A subscription, and with it a group that provides it.
#[derive(Debug, Clone)]
pub(crate) struct SubscriptionConfig {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// A client to register.
#[derive(Clone)]
pub(crate) struct ClientConfig {
    pub(crate) id: Uuid,
    pub(crate) secret: String,
    pub(crate) redirect_uris: Vec<String>,
}

/// Describes an [`Emulator`] to start.
///
/// ```no_run
/// # async fn example() -> Result<(), globus_emulator::StartError> {
/// use globus_emulator::{Emulator, Uuid};
///
/// let robot = Uuid::from_u128(7);
/// let emulator = Emulator::builder()
///     .collection("Instrument", "/data/instrument")
///     .collection("Archive", "/data/archive")
///     .client(robot, "a secret")
///     .auto_consent(true)
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct EmulatorBuilder {
    pub(crate) address: SocketAddr,
    pub(crate) collections: Vec<CollectionConfig>,
    pub(crate) extra_collections: usize,
    pub(crate) clients: Vec<ClientConfig>,
    pub(crate) local_user: Identity,
    pub(crate) other_users: Vec<Identity>,
    pub(crate) linked: Vec<LinkedIdentity>,
    pub(crate) subscriptions: Vec<SubscriptionConfig>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) settings: Settings,
    pub(crate) faults: FaultPlan,
    pub(crate) task_faults: Vec<TaskFault>,
    pub(crate) quotas: BTreeMap<Uuid, u64>,
    pub(crate) requests: Vec<SeedRequest>,
}

impl std::fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the clients: their secrets are nobody's business in a log.
        f.debug_struct("EmulatorBuilder")
            .field("address", &self.address)
            .field("collections", &self.collections)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl EmulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            collections: Vec::new(),
            extra_collections: 0,
            clients: Vec::new(),
            local_user: person("user@sandbox.local", "Local User", "user@sandbox.local"),
            other_users: Vec::new(),
            linked: Vec::new(),
            subscriptions: Vec::new(),
            data_dir: None,
            settings: Settings {
                auto_consent: false,
                token_lifetime: TOKEN_LIFETIME,
                refresh_token_grace: None,
                strictness: Strictness::default(),
                tasks: TaskSettings::default(),
                search_start_delay: Duration::ZERO,
                request_timeout: REQUEST_TIMEOUT,
                limits: Limits::default(),
                max_connections: None,
                allowed_hosts: Vec::new(),
            },
            faults: FaultPlan::default(),
            task_faults: Vec::new(),
            quotas: BTreeMap::new(),
            requests: Vec::new(),
        }
    }

    /// Listens on this address instead of a free port of 127.0.0.1.
    ///
    /// Whoever reaches the address can read and write the collections: the consent page asks
    /// for no password. Keep it to loopback.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also answers requests for this host name, without a port; others are refused with a 421.
    ///
    /// IP addresses and `localhost` are always answered, and names without a dot, such as those of
    /// containers, unless the address is a loopback one. Any other name could be that of a web page
    /// which has it resolve to this address (DNS rebinding).
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.settings.allowed_hosts.push(name.into());
        self
    }

    /// Serves a folder as a collection. Its id follows from folder and name, and is the same in
    /// every run.
    pub fn collection(
        mut self,
        display_name: impl Into<String>,
        folder: impl Into<PathBuf>,
    ) -> Self {
        self.collections.push(CollectionConfig {
            id: None,
            display_name: display_name.into(),
            folder: folder.into(),
            quota: None,
            requirements: None,
        });
        self
    }

    /// Serves a folder as a collection with an id of your choice.
    pub fn collection_with_id(
        mut self,
        id: Uuid,
        display_name: impl Into<String>,
        folder: impl Into<PathBuf>,
    ) -> Self {
        self.collections.push(CollectionConfig {
            id: Some(id),
            display_name: display_name.into(),
            folder: folder.into(),
            quota: None,
            requirements: None,
        });
        self
    }

    /// Serves a folder as a collection that asks something of its users.
    pub fn collection_with(
        mut self,
        display_name: impl Into<String>,
        folder: impl Into<PathBuf>,
        options: CollectionOptions,
    ) -> Self {
        self.collections.push(CollectionConfig {
            id: options.id,
            display_name: display_name.into(),
            folder: folder.into(),
            quota: options.quota,
            requirements: Some(options.requirements),
        });
        self
    }

    /// Adds `count` collections ("Extra collection 0001", …) over one empty folder, so that an
    /// endpoint search has several pages to show.
    pub fn extra_collections(mut self, count: usize) -> Self {
        self.extra_collections = count;
        self
    }

    /// Registers a confidential client. Its own identity, `ID@clients.auth.globus.org`,
    /// administers the collections, as the local user does.
    ///
    /// People may log in through it with a redirect URI on this machine; use
    /// [`client_with_redirect_uris`](Self::client_with_redirect_uris) for anything else.
    pub fn client(self, id: Uuid, secret: impl Into<String>) -> Self {
        self.client_with_redirect_uris(id, secret, Vec::<String>::new())
    }

    /// Registers a confidential client with the redirect URIs it may use; all others are refused.
    pub fn client_with_redirect_uris(
        mut self,
        id: Uuid,
        secret: impl Into<String>,
        redirect_uris: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.clients.push(ClientConfig {
            id,
            secret: secret.into(),
            redirect_uris: redirect_uris.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Whether the authorize page says yes by itself, for programs without a person; off unless
    /// asked for.
    pub fn auto_consent(mut self, yes: bool) -> Self {
        self.settings.auto_consent = yes;
        self
    }

    /// Keeps everything in this folder, so that it is there again after a restart; without it
    /// the state is in memory.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// How long access tokens live; 48 hours unless told otherwise.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Answers every refresh with a new refresh token. The spent one works for `grace` longer,
    /// then never again.
    pub fn rotate_refresh_tokens(mut self, grace: Duration) -> Self {
        self.settings.refresh_token_grace = Some(grace);
        self
    }

    /// How long the head and the body of a request may each take to arrive, and how long a connection
    /// may be idle; 60 seconds unless told otherwise. Then the connection ends.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = timeout;
        self
    }

    /// How much one user may do at a time; as the service has it unless told otherwise.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// How many connections are served at a time, at least 1; 2,048 unless told otherwise, or half as
    /// many as the process may have files open. One more closes the one that has waited longest for
    /// a request.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.settings.max_connections = Some(count.max(1));
        self
    }

    /// Strict mode: a request that the specs do not allow is answered with a 400 that says where
    /// and why, and an answer that they do not document is kept as a
    /// [violation](Emulator::violations). Off unless asked for.
    pub fn strict(mut self, yes: bool) -> Self {
        self.settings.strictness = Strictness {
            requests: yes,
            responses: yes,
        };
        self
    }

    /// Half of [`strict`](Self::strict): the answers are held against the specs and the requests
    /// are not, to see what becomes of wrong ones. The later call of the two counts.
    pub fn strict_responses(mut self, yes: bool) -> Self {
        self.settings.strictness = Strictness {
            requests: false,
            responses: yes,
        };
        self
    }

    /// How long a task of Search is `PENDING`, by the emulator's clock, which
    /// [`advance_clock`](Emulator::advance_clock) moves; not at all unless told otherwise.
    pub fn search_start_delay(mut self, delay: Duration) -> Self {
        self.settings.search_start_delay = delay;
        self
    }

    /// Begins with what a seed describes, beside what is said here. With a
    /// [data folder](Self::data_dir) its requests are made at the first start only.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let seed = serde_json::from_str(
    ///     r#"{"users": [{"username": "ada@sandbox.local", "name": "Ada Lovelace"}],
    ///         "requests": [{"as": "ada@sandbox.local", "path": "/v2/groups",
    ///                       "body": {"name": "Engines"}, "outputs": {"GROUP": "/id"}}]}"#,
    /// )?;
    /// let emulator = globus_emulator::Emulator::builder().seed(seed).start().await?;
    /// println!("the group is {}", emulator.seed_outputs()?["GROUP"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn seed(mut self, seed: Seed) -> Self {
        for user in seed.users {
            let email = user.email.unwrap_or_else(|| user.username.clone());
            self = self.other_user(user.username, user.name, email);
        }
        for client in seed.clients {
            self = self.client_with_redirect_uris(client.id, client.secret, client.redirect_uris);
        }
        for collection in seed.collections {
            let mut options = CollectionOptions::new().data_access(collection.data_access);
            options.id = collection.id;
            self = self.collection_with(collection.display_name, collection.folder, options);
        }
        self.requests.extend(seed.requests);
        self
    }

    /// What goes wrong on purpose, from the first request on.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// Who the person at this machine is; `user@sandbox.local` unless told otherwise.
    pub fn user(
        mut self,
        username: impl AsRef<str>,
        name: impl AsRef<str>,
        email: impl AsRef<str>,
    ) -> Self {
        self.local_user = person(username.as_ref(), name.as_ref(), email.as_ref());
        self
    }

    /// Adds a person who has an identity, and can be chosen on the consent page.
    pub fn other_user(
        mut self,
        username: impl AsRef<str>,
        name: impl AsRef<str>,
        email: impl AsRef<str>,
    ) -> Self {
        self.other_users
            .push(person(username.as_ref(), name.as_ref(), email.as_ref()));
        self
    }

    /// Gives somebody one more identity, linked to the one they have as `of`. Whoever logs in with
    /// it is that person: tokens are about `of`, and their identity set holds both.
    pub fn linked_identity(
        mut self,
        of: impl AsRef<str>,
        username: impl AsRef<str>,
        name: impl AsRef<str>,
        email: impl AsRef<str>,
    ) -> Self {
        self.linked.push(LinkedIdentity {
            identity: person(username.as_ref(), name.as_ref(), email.as_ref()),
            person: identities::id_of(of.as_ref()),
        });
        self
    }

    /// Adds a subscription, with the group that provides it: `get_group_by_subscription_id` finds
    /// it. The local user and the identities of the clients administer it.
    pub fn subscription(mut self, id: Uuid, name: impl Into<String>) -> Self {
        self.subscriptions.push(SubscriptionConfig {
            id,
            name: name.into(),
        });
        self
    }

    /// Starts it; when this returns, it answers.
    ///
    /// # Errors
    /// If the address, a folder or the database cannot be used.
    pub async fn start(self) -> Result<Emulator, StartError> {
        Emulator::start(self).await
    }
}

fn person(username: &str, name: &str, email: &str) -> Identity {
    Identity {
        id: identities::id_of(username),
        username: username.to_owned(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
    }
}
