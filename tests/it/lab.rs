//! Two collections, a client that may use them, and the emulator that serves them.

use globus_emulator::Emulator;
use globus_sdk::auth::types::{GrantType, TokenRequest, TokenResponse};
use globus_sdk::auth::{AccessTokenAuthorizer, BasicAuthorizer};
use globus_sdk::types::{Secret, Uuid};
use globus_sdk::{Environment, auth, groups, search, transfer};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

pub struct Lab {
    pub emulator: Emulator,
    pub here: Environment,
    pub from: Uuid,
    pub to: Uuid,
    pub source: TempDir,
    pub destination: TempDir,
    client_id: Uuid,
}

const SECRET: &str = "the lab's secret";

impl Lab {
    pub async fn open() -> Self {
        let (source, destination) = (folder(), folder());
        let client_id = Uuid::new_v4();
        let emulator = Emulator::builder()
            .strict(true)
            .collection("source", source.path())
            .collection("destination", destination.path())
            .extra_collections(240)
            .client(client_id, SECRET)
            .start()
            .await
            .expect("an emulator");
        Self {
            here: Environment::empty().with_all_services(emulator.base_url()),
            from: emulator.collection_id("source").expect("the source"),
            to: emulator
                .collection_id("destination")
                .expect("the destination"),
            emulator,
            source,
            destination,
            client_id,
        }
    }

    /// An access token for one scope.
    pub async fn token(&self, scope: &str) -> Secret {
        let auth = auth::Client::builder()
            .environment(self.here.clone())
            .authorizer(BasicAuthorizer::new(&self.client_id.to_string(), SECRET))
            .build()
            .expect("a client");
        let request = TokenRequest::new(GrantType::ClientCredentials).scope(scope);
        match auth.oauth2_token(request).await.expect("a token") {
            TokenResponse::Object(token) => token.access_token,
            other => panic!("one token was asked for: {other:?}"),
        }
    }

    pub async fn transfer(&self) -> transfer::Client {
        let token = self.token(transfer::scopes::ALL).await;
        transfer::Client::builder()
            .environment(self.here.clone())
            .authorizer(AccessTokenAuthorizer::new(token))
            .build()
            .expect("a client")
    }

    pub async fn search(&self) -> search::Client {
        let token = self.token(search::scopes::ALL).await;
        search::Client::builder()
            .environment(self.here.clone())
            .authorizer(AccessTokenAuthorizer::new(token))
            .build()
            .expect("a client")
    }

    pub async fn groups(&self) -> groups::Client {
        let token = self.token(groups::scopes::ALL).await;
        groups::Client::builder()
            .environment(self.here.clone())
            .authorizer(AccessTokenAuthorizer::new(token))
            .build()
            .expect("a client")
    }

    /// Puts a file into the source, with the folders above it.
    pub fn put(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path: PathBuf = self.source.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, contents).expect("a file");
    }

    /// What a file of the destination holds.
    pub fn arrived(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.destination.path().join(path)).ok()
    }
}

/// What the emulator answered must be what the specs document, or the test fails.
impl Drop for Lab {
    fn drop(&mut self) {
        if let Err(violations) = self.emulator.check_violations()
            && !std::thread::panicking()
        {
            panic!("{violations}");
        }
    }
}

/// A new index.
pub async fn index(search: &search::Client) -> Uuid {
    let index = search::types::IndexCreateRequest::new("runs", "about runs");
    search.create_index(index).await.expect("an index").id
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}
