//! Configuration of an emulator.

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

/// Lifetime of access tokens in Globus: 48 hours.
const TOKEN_LIFETIME: Duration = Duration::from_secs(172_800);

/// Much longer than a client on the same machine needs, and shorter than the 90 seconds for which reqwest
/// keeps idle connections.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A folder to serve. Its id may not be known yet.
#[derive(Debug, Clone)]
pub(crate) struct CollectionConfig {
    pub(crate) id: Option<Uuid>,
    pub(crate) display_name: String,
    pub(crate) folder: PathBuf,
    /// Quota in bytes.
    pub(crate) quota: Option<u64>,
    /// Requirements on users; `None` keeps the stored ones.
    pub(crate) requirements: Option<Requirements>,
}

/// A further identity of a person.
#[derive(Debug, Clone)]
pub(crate) struct LinkedIdentity {
    pub(crate) identity: Identity,
    pub(crate) person: Uuid,
}

/// A subscription, which is provided by a group of the same name.
#[derive(Debug, Clone)]
pub(crate) struct SubscriptionConfig {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// A confidential client to register.
#[derive(Clone)]
pub(crate) struct ClientConfig {
    pub(crate) id: Uuid,
    pub(crate) secret: String,
    pub(crate) redirect_uris: Vec<String>,
}

/// Configures an [`Emulator`] and starts it.
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
        // Without the clients, because their secrets must not appear in logs.
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

    /// Sets the address to listen on; a free port of 127.0.0.1 by default.
    ///
    /// Everybody who can reach the address can read and write the collections, since the consent page does
    /// not ask for a password. Use a loopback address if you can.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also accepts requests for this host name (without a port). Requests for unknown names get status
    /// 421.
    ///
    /// IP addresses and `localhost` are always accepted. On other than loopback addresses, so are names
    /// without a dot, such as those of containers. Any other name could belong to a web page and resolve to
    /// this address (DNS rebinding).
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.settings.allowed_hosts.push(name.into());
        self
    }

    /// Serves a folder as a collection. Its id is derived from folder and name, so it is the same in every
    /// run.
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

    /// Serves a folder as a collection with this id.
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

    /// Serves a folder as a collection with options, such as requirements on logins or a quota.
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

    /// Adds `count` collections ("Extra collection 0001", …) over one empty folder, for example to test the
    /// paging of endpoint search.
    pub fn extra_collections(mut self, count: usize) -> Self {
        self.extra_collections = count;
        self
    }

    /// Registers a confidential client. Its own identity, `ID@clients.auth.globus.org`, administers the
    /// collections, like the local user.
    ///
    /// People can log in to it with redirect URIs on this machine; for others, use
    /// [`client_with_redirect_uris`](Self::client_with_redirect_uris).
    pub fn client(self, id: Uuid, secret: impl Into<String>) -> Self {
        self.client_with_redirect_uris(id, secret, Vec::<String>::new())
    }

    /// Registers a confidential client with its redirect URIs; no others are accepted.
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

    /// Whether the authorize page consents automatically, for programs that run without a person; `false`
    /// by default.
    pub fn auto_consent(mut self, yes: bool) -> Self {
        self.settings.auto_consent = yes;
        self
    }

    /// Stores the state in this folder, so that it survives restarts; by default it is in memory.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// Sets the lifetime of access tokens; 48 hours by default.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Returns a new refresh token from every refresh. The old one stays valid for `grace`.
    pub fn rotate_refresh_tokens(mut self, grace: Duration) -> Self {
        self.settings.refresh_token_grace = Some(grace);
        self
    }

    /// Sets how long the head and the body of a request may each take to arrive, and how long a connection
    /// may be idle; 60 seconds by default. Then the connection is closed.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = timeout;
        self
    }

    /// Sets the limits per user; those of the service by default.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Sets the maximum number of connections, at least 1. The default is 2,048, or half the process's
    /// limit on open files if that is lower. One more connection closes the one that has been idle longest.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.settings.max_connections = Some(count.max(1));
        self
    }

    /// Enables strict mode: requests that the specs do not allow get status 400 with an explanation, and
    /// undocumented responses are recorded as [violations](Emulator::violations). Off by default.
    pub fn strict(mut self, yes: bool) -> Self {
        self.settings.strictness = Strictness {
            requests: yes,
            responses: yes,
        };
        self
    }

    /// Like [`strict`](Self::strict), but checks responses only, to test how the emulator treats invalid
    /// requests. The last call of the two counts.
    pub fn strict_responses(mut self, yes: bool) -> Self {
        self.settings.strictness = Strictness {
            requests: false,
            responses: yes,
        };
        self
    }

    /// Sets how long Search tasks are `PENDING`, by the emulator's clock, which
    /// [`advance_clock`](Emulator::advance_clock) moves; zero by default.
    pub fn search_start_delay(mut self, delay: Duration) -> Self {
        self.settings.search_start_delay = delay;
        self
    }

    /// Adds the contents of a seed. With a [data folder](Self::data_dir), its requests are made at the
    /// first start only.
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
            // Options are always given, so that a seed also resets requirements that an earlier run has
            // stored.
            let mut options = CollectionOptions::new().data_access(collection.data_access);
            options.id = collection.id;
            self = self.collection_with(collection.display_name, collection.folder, options);
        }
        self.requests.extend(seed.requests);
        self
    }

    /// Sets the initial faults of requests.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.faults = plan;
        self
    }

    /// Sets the local user; `user@sandbox.local` by default.
    pub fn user(
        mut self,
        username: impl AsRef<str>,
        name: impl AsRef<str>,
        email: impl AsRef<str>,
    ) -> Self {
        self.local_user = person(username.as_ref(), name.as_ref(), email.as_ref());
        self
    }

    /// Adds a person, who can be chosen on the consent page.
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

    /// Links a further identity to a person's identity `primary`. A login with it is a login of that
    /// person: tokens are issued for `primary`, and the identity set contains both.
    pub fn linked_identity(
        mut self,
        primary: impl AsRef<str>,
        username: impl AsRef<str>,
        name: impl AsRef<str>,
        email: impl AsRef<str>,
    ) -> Self {
        self.linked.push(LinkedIdentity {
            identity: person(username.as_ref(), name.as_ref(), email.as_ref()),
            person: identities::id_of(primary.as_ref()),
        });
        self
    }

    /// Adds a subscription with the group that provides it, which `get_group_by_subscription_id` finds. The
    /// local user and the identities of the clients administer the group.
    pub fn subscription(mut self, id: Uuid, name: impl Into<String>) -> Self {
        self.subscriptions.push(SubscriptionConfig {
            id,
            name: name.into(),
        });
        self
    }

    /// Starts the emulator. When this returns, it accepts requests.
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
