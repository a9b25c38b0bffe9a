//! What every storage promises, asked of each in the same words.

use globus_sdk::auth::TokenData;
use globus_sdk::token_storage::{JsonTokenStorage, MemoryTokenStorage, TokenStorage};
use globus_sdk::types::Uuid;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const A: &str = "transfer.api.globus.org";
const B: &str = "auth.globus.org";

/// Opens a namespace of a place.
type Open = dyn Fn(&str) -> Arc<dyn TokenStorage>;

/// A place for tokens, which can be opened more than once.
struct Place {
    open: Box<Open>,
    _folder: TempDir,
}

impl Place {
    fn new<S: TokenStorage>(open: impl Fn(&Path, &str) -> S + 'static) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a folder").join("tokens");
        Self {
            open: Box::new(move |namespace| Arc::new(open(&path, namespace))),
            _folder: folder,
        }
    }

    fn open(&self) -> Arc<dyn TokenStorage> {
        (self.open)("DEFAULT")
    }
}

fn token(resource_server: &str, access_token: &str) -> TokenData {
    let expiry = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    TokenData::new(resource_server, access_token, expiry)
}

fn full() -> TokenData {
    let mut data = token(A, "an \"access\" token \\ with ünïcødé\n");
    data.identity_id = Some(Uuid::from_u128(7));
    data.refresh_token = Some("a refresh token".into());
    data.scopes = vec!["openid".to_owned(), "email".to_owned()];
    data
}

async fn an_empty_place_has_nothing(place: Place) {
    let storage = place.open();
    assert_eq!(storage.get(A).await.unwrap(), None);
    assert!(storage.all().await.unwrap().is_empty());
    assert!(!storage.remove(A).await.unwrap());
}

async fn what_is_stored_is_found_whole_whoever_opens_the_place(place: Place) {
    let mut bare = token(B, "another");
    bare.token_type = None;
    place.open().store(&[full(), bare.clone()]).await.unwrap();
    let storage = place.open();
    assert_eq!(storage.get(A).await.unwrap(), Some(full()));
    assert_eq!(storage.get(B).await.unwrap(), Some(bare.clone()));
    let all = storage.all().await.unwrap();
    assert_eq!(all.into_values().collect::<Vec<_>>(), [bare, full()]);
}

async fn tokens_replace_those_of_their_resource_server_alone(place: Place) {
    let storage = place.open();
    storage.store(&[full(), token(B, "kept")]).await.unwrap();
    storage.store(&[token(A, "new")]).await.unwrap();
    assert_eq!(storage.get(A).await.unwrap(), Some(token(A, "new")));
    assert_eq!(storage.get(B).await.unwrap(), Some(token(B, "kept")));
}

async fn what_is_removed_is_gone_and_the_rest_is_not(place: Place) {
    let storage = place.open();
    storage.store(&[full(), token(B, "kept")]).await.unwrap();
    assert!(storage.remove(A).await.unwrap());
    assert!(!storage.remove(A).await.unwrap());
    let all = place.open().all().await.unwrap();
    assert_eq!(all.into_keys().collect::<Vec<_>>(), [B]);
}

async fn a_place_takes_tokens_from_many_tasks_at_once(place: Place) {
    let storage = place.open();
    let other = place.open();
    let store = |n: usize| {
        let storage = if n.is_multiple_of(2) {
            storage.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move {
            storage
                .store(&[token(&format!("server {n:02}"), "one")])
                .await
        })
    };
    for task in (0..24).map(store).collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(storage.all().await.unwrap().len(), 24);
}

async fn no_token_is_in_debug(place: Place) {
    let storage = place.open();
    storage.store(&[full()]).await.unwrap();
    assert!(!format!("{storage:?}").contains("token\""));
}

async fn namespaces_do_not_see_each_other(place: Place) {
    let (mine, theirs) = (place.open(), (place.open)("another \"profile\""));
    mine.store(&[token(A, "mine")]).await.unwrap();
    assert_eq!(theirs.get(A).await.unwrap(), None);
    assert!(!theirs.remove(A).await.unwrap());
    theirs.store(&[token(A, "theirs")]).await.unwrap();
    assert_eq!(mine.get(A).await.unwrap(), Some(token(A, "mine")));
    assert!(theirs.remove(A).await.unwrap());
    assert_eq!(mine.all().await.unwrap().len(), 1);
}

async fn who_holds_the_lock_stores_and_others_wait_for_it(place: Place) {
    let (mine, theirs) = (place.open(), place.open());
    let lock = mine.lock().await.unwrap();
    mine.store(&[token(A, "under the lock")]).await.unwrap();
    let waiting = tokio::spawn({
        let theirs = theirs.clone();
        async move { theirs.lock().await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(!waiting.is_finished());
    // reading waits for nobody
    assert!(theirs.get(A).await.unwrap().is_some());
    drop(lock);
    waiting.await.unwrap().unwrap();
}

macro_rules! every {
    ($place:expr, $($property:ident)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $property() {
            crate::token_storage::$property($place).await;
        })+
    };
}

macro_rules! conformance {
    ($backend:ident, $place:expr $(, $more:ident)*) => {
        mod $backend {
            #[allow(unused_imports, reason = "for what a place is made of")]
            use super::*;
            every!($place,
                an_empty_place_has_nothing
                what_is_stored_is_found_whole_whoever_opens_the_place
                tokens_replace_those_of_their_resource_server_alone
                what_is_removed_is_gone_and_the_rest_is_not
                a_place_takes_tokens_from_many_tasks_at_once
                no_token_is_in_debug
                $($more)*
            );
        }
    };
}

conformance!(
    memory,
    {
        let memory = MemoryTokenStorage::new();
        Place::new(move |_, namespace| memory.namespace(namespace))
    },
    namespaces_do_not_see_each_other
);
conformance!(
    json,
    Place::new(|path, namespace| JsonTokenStorage::new(path).namespace(namespace)),
    namespaces_do_not_see_each_other,
    who_holds_the_lock_stores_and_others_wait_for_it
);
conformance!(
    legacy_json,
    Place::new(|path, namespace| JsonTokenStorage::legacy(path).namespace(namespace)),
    who_holds_the_lock_stores_and_others_wait_for_it
);
#[cfg(feature = "sqlite")]
conformance!(
    sqlite,
    Place::new(
        |path, namespace| globus_sdk::token_storage::SqliteTokenStorage::new(path)
            .namespace(namespace)
    ),
    namespaces_do_not_see_each_other,
    who_holds_the_lock_stores_and_others_wait_for_it
);
#[cfg(feature = "sqlite")]
conformance!(
    legacy_sqlite,
    Place::new(
        |path, namespace| globus_sdk::token_storage::SqliteTokenStorage::legacy(path)
            .namespace(namespace)
    ),
    namespaces_do_not_see_each_other,
    who_holds_the_lock_stores_and_others_wait_for_it
);
conformance!(
    validating,
    Place::new(
        |path, namespace| globus_sdk::token_storage::ValidatingTokenStorage::new(
            JsonTokenStorage::new(path).namespace(namespace)
        )
    ),
    namespaces_do_not_see_each_other,
    who_holds_the_lock_stores_and_others_wait_for_it
);

/// A keyring in memory, which the library brings for tests; `tests/keyring.rs` has the kernel's.
#[cfg(feature = "keyring")]
mod keyring {
    use super::*;
    use globus_sdk::Environment;
    use globus_sdk::token_storage::KeyringTokenStorage;
    use std::sync::Once;

    pub(crate) fn place() -> Place {
        static MOCK: Once = Once::new();
        MOCK.call_once(|| {
            let store = keyring_core::mock::Store::new().unwrap();
            keyring_core::set_default_store(store);
        });
        let service = format!("a test {}", Uuid::new_v4());
        Place::new(move |path, namespace| {
            let home = Environment::empty().with_var("HOME", path.to_string_lossy());
            let home = home.with_var("LOCALAPPDATA", path.to_string_lossy());
            let storage = KeyringTokenStorage::new_in(&home, &*service).unwrap();
            storage.namespace(namespace)
        })
    }

    conformance!(
        mock,
        super::place(),
        namespaces_do_not_see_each_other,
        who_holds_the_lock_stores_and_others_wait_for_it
    );
}
