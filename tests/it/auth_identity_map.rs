//! Identities by the hundred, with as few calls as there can be.

use globus_emulator::{Emulator, RecordedRequest};
use globus_sdk::auth::{
    self, AccessTokenAuthorizer, Authorizer, BasicAuthorizer, BoxFuture, IdentityMap, IdentityName,
    is_username, split_ids_and_usernames,
};
use globus_sdk::types::{Secret, Uuid};
use globus_sdk::{Environment, ErrorKind};
use globus_test_support::auth::{ROBOT, SECRET, Sandbox};
use globus_test_support::mock::{MockServer, answer};

const SOMEBODY: &str = "somebody@sandbox.local";

async fn sandbox() -> Sandbox {
    let people = (0..20).fold(Emulator::builder(), |builder, n| {
        let name = format!("Person {n}");
        builder.other_user(person(n), name, format!("p{n}@mail.example"))
    });
    Sandbox::start_with(people.other_user(SOMEBODY, "Some Body", "some@mail.example")).await
}

fn person(n: usize) -> String {
    format!("person{n}@sandbox.local")
}

fn client(sandbox: &Sandbox) -> auth::Client {
    let robot = BasicAuthorizer::new(&ROBOT.to_string(), SECRET);
    sandbox.auth().with_authorizer(robot)
}

fn map(sandbox: &Sandbox) -> IdentityMap {
    IdentityMap::new(&client(sandbox))
}

/// Ids that nobody has.
fn strangers(count: u128) -> Vec<Uuid> {
    (1..=count).map(Uuid::from_u128).collect()
}

fn lookups(sandbox: &Sandbox) -> Vec<RecordedRequest> {
    let mut requests = sandbox.emulator.requests();
    requests.retain(|request| request.path == "/v2/api/identities");
    requests
}

#[tokio::test]
async fn an_identity_is_found_by_either_name_and_asked_for_once() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let found = map.get(SOMEBODY).await.unwrap().unwrap();
    assert_eq!(found.name.as_deref(), Some("Some Body"));
    for again in [
        IdentityName::from(found.id),
        found.id.to_string().into(),
        "  SomeBody@Sandbox.local ".into(),
    ] {
        assert_eq!(map.get(again).await.unwrap().unwrap().id, found.id);
    }
    assert_eq!(lookups(&sandbox).len(), 1);
}

#[tokio::test]
async fn who_does_not_exist_is_none_and_is_asked_for_once() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    for _ in 0..3 {
        assert!(map.get(Uuid::from_u128(7)).await.unwrap().is_none());
        assert!(map.get("nobody@sandbox.local").await.unwrap().is_none());
    }
    assert_eq!(lookups(&sandbox).len(), 2);
}

#[tokio::test]
async fn names_that_nobody_can_have_are_not_asked_for() {
    let sandbox = sandbox().await;
    let long = "x".repeat(100_000);
    let found = map(&sandbox).get_many(["", " ", "a,b", &*long]).await;
    assert!(found.unwrap().iter().all(Option::is_none));
    assert_eq!(lookups(&sandbox).len(), 0);
}

#[tokio::test]
async fn many_are_found_in_the_order_they_were_asked_for() {
    let sandbox = sandbox().await;
    let somebody = map(&sandbox).get(SOMEBODY).await.unwrap().unwrap().id;
    let names: Vec<IdentityName> = vec![
        (&*person(3)).into(),
        somebody.into(),
        Uuid::from_u128(7).into(),
        (&*person(1)).into(),
        somebody.into(),
    ];
    let found = map(&sandbox).get_many(&names).await.unwrap();
    let usernames: Vec<_> = found
        .iter()
        .map(|found| found.as_ref().and_then(|found| found.username.as_deref()))
        .collect();
    assert_eq!(
        usernames,
        [
            Some(&*person(3)),
            Some(SOMEBODY),
            None,
            Some(&*person(1)),
            Some(SOMEBODY)
        ]
    );
}

#[tokio::test]
async fn ten_thousand_ids_are_a_hundred_calls() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let found = map.get_many(strangers(10_000)).await.unwrap();
    assert_eq!(found.len(), 10_000);
    assert_eq!(lookups(&sandbox).len(), 100);
    map.get_many(strangers(10_000)).await.unwrap();
    assert_eq!(lookups(&sandbox).len(), 100);
}

#[tokio::test]
async fn a_batch_is_as_large_as_was_said() {
    let sandbox = sandbox().await;
    let map = IdentityMap::with_batch_size(&client(&sandbox), 30);
    map.get_many(strangers(100)).await.unwrap();
    assert_eq!(lookups(&sandbox).len(), 4);
}

#[tokio::test]
async fn long_usernames_are_split_over_calls_with_short_urls() {
    let sandbox = sandbox().await;
    let names = (0..100).map(|n| format!("{n}{}@sandbox.local", "x".repeat(200)));
    let found = map(&sandbox).get_many(names).await.unwrap();
    assert_eq!(found.len(), 100);
    assert_eq!(lookups(&sandbox).len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_that_ask_for_the_same_ids_share_one_call() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let asking = (0..1000).map(|_| {
        let map = map.clone();
        tokio::spawn(async move { map.get_many(strangers(100)).await.map(|found| found.len()) })
    });
    for found in asking.collect::<Vec<_>>() {
        assert_eq!(found.await.unwrap().unwrap(), 100);
    }
    assert_eq!(lookups(&sandbox).len(), 1);
}

#[tokio::test]
async fn a_thousand_tasks_that_ask_for_one_id_each_make_ten_calls() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let asking = strangers(1000).into_iter().map(|id| {
        let map = map.clone();
        tokio::spawn(async move { map.get(id).await })
    });
    for found in asking.collect::<Vec<_>>() {
        assert!(found.await.unwrap().unwrap().is_none());
    }
    assert_eq!(lookups(&sandbox).len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lookups_of_a_thousand_tasks_are_batched_during_a_call() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let asking = strangers(1000).into_iter().map(|id| {
        let map = map.clone();
        tokio::spawn(async move { map.get(id).await })
    });
    for found in asking.collect::<Vec<_>>() {
        assert!(found.await.unwrap().unwrap().is_none());
    }
    let calls = lookups(&sandbox).len();
    // how many depends on how fast the service is, since a batch with room left goes while nothing is
    // on the way
    assert!((10..=100).contains(&calls), "{calls}");
}

#[tokio::test]
async fn what_was_added_travels_with_the_next_call() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    map.add((0..20).map(person));
    assert_eq!(lookups(&sandbox).len(), 0);
    for n in 0..20 {
        assert!(map.get(person(n)).await.unwrap().is_some());
    }
    assert_eq!(lookups(&sandbox).len(), 1);
}

#[tokio::test]
async fn what_was_forgotten_is_asked_for_again_by_either_name() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let id = map.get(SOMEBODY).await.unwrap().unwrap().id;
    assert!(map.forget(id));
    assert!(!map.forget(id));
    assert!(map.get(SOMEBODY).await.unwrap().is_some());
    assert!(map.get(id).await.unwrap().is_some());
    assert_eq!(lookups(&sandbox).len(), 2);
}

#[tokio::test]
async fn what_was_forgotten_while_it_was_asked_for_is_asked_for_again() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let mut asking = Box::pin(map.get(SOMEBODY));
    assert!(futures_util::poll!(&mut asking).is_pending());
    assert!(map.forget(SOMEBODY));
    assert!(asking.await.unwrap().is_some());
    assert_eq!(lookups(&sandbox).len(), 2);
}

#[tokio::test]
async fn an_error_is_told_to_all_who_wait_for_it_and_not_kept() {
    let id = Uuid::from_u128(7);
    let found = format!(r#"{{"identities": [{{"id": "{id}", "username": "a@b"}}]}}"#);
    let service = MockServer::start([answer(403, "{}"), answer(200, &found)]).await;
    let builder = auth::Client::builder().environment(Environment::empty());
    let builder = builder.base_url(&service.url);
    let map = IdentityMap::new(&builder.build().unwrap());
    let asking = (0..50).map(|_| map.get(id));
    for outcome in futures_util::future::join_all(asking).await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
    assert_eq!(service.count(), 1);
    assert!(map.get(id).await.unwrap().is_some());
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn a_caller_that_is_dropped_takes_the_answer_from_nobody() {
    let sandbox = sandbox().await;
    let map = map(&sandbox);
    let mut first = Box::pin(map.get(SOMEBODY));
    assert!(futures_util::poll!(&mut first).is_pending());
    let second = map.get(SOMEBODY);
    drop(first);
    assert!(second.await.unwrap().is_some());
    assert_eq!(lookups(&sandbox).len(), 1);
}

#[derive(Debug)]
struct Panics;

impl Authorizer for Panics {
    fn authorization(&self) -> BoxFuture<'_, globus_sdk::Result<Option<Secret>>> {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn an_authorizer_that_panics_is_an_error_and_no_hang() {
    let sandbox = sandbox().await;
    let map = IdentityMap::new(&client(&sandbox).with_authorizer(Panics));
    let error = map.get(SOMEBODY).await.unwrap_err();
    assert!(error.message().contains("panicked"), "{error}");
}

#[test]
fn a_map_lives_through_several_runtimes_and_needs_one() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let sandbox = server.block_on(sandbox());
    let map = map(&sandbox);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    // asked for in a runtime that ends before the answer comes
    runtime().block_on(async {
        let mut asking = Box::pin(map.get_many(strangers(1000)));
        assert!(futures_util::poll!(&mut asking).is_pending());
    });
    let outside = futures_util::FutureExt::now_or_never(map.get(SOMEBODY));
    assert_eq!(outside.unwrap().unwrap_err().kind(), ErrorKind::Usage);
    let found = runtime().block_on(map.get_many(strangers(1000)));
    assert_eq!(found.unwrap().len(), 1000);
    // what is known needs none
    let known = futures_util::FutureExt::now_or_never(map.get(Uuid::from_u128(1)));
    assert!(known.unwrap().unwrap().is_none());
}

#[test]
fn debug_shows_no_secret() {
    let client = auth::Client::builder().authorizer(AccessTokenAuthorizer::new("a-secret"));
    let map = IdentityMap::new(&client.build().unwrap());
    assert!(!format!("{map:?}").contains("a-secret"));
}

#[test]
fn what_is_no_uuid_is_a_username() {
    let hex = "c699d42ed27411e5bf751fc5bf53bb24";
    for id in [
        "c699d42e-d274-11e5-bf75-1fc5bf53bb24",
        "C699D42E-D274-11E5-BF75-1FC5BF53BB24",
        hex,
        "{c699d42e-d274-11e5-bf75-1fc5bf53bb24}",
        "urn:uuid:c699d42e-d274-11e5-bf75-1fc5bf53bb24",
    ] {
        assert!(!is_username(id), "{id}");
    }
    for name in [
        "a@b.org",
        "",
        "c699d42e",
        &hex[1..],
        "zzz9d42e-d274-11e5-bf75-1fc5bf53bb24",
    ] {
        assert!(is_username(name), "{name}");
    }
}

#[test]
fn ids_and_usernames_are_told_apart_each_once() {
    let names = [
        "B@x.org",
        "c699d42e-d274-11e5-bf75-1fc5bf53bb24",
        "a@x.org",
        "c699d42ed27411e5bf751fc5bf53bb24",
        "a@x.org",
    ];
    let (ids, usernames) = split_ids_and_usernames(names);
    let id: Uuid = "c699d42e-d274-11e5-bf75-1fc5bf53bb24".parse().unwrap();
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), [id]);
    let usernames: Vec<String> = usernames.into_iter().collect();
    assert_eq!(usernames, ["B@x.org", "a@x.org"]);
    let (ids, usernames) = split_ids_and_usernames(Vec::<String>::new());
    assert!(ids.is_empty() && usernames.is_empty());
}

#[tokio::test]
async fn one_identity_is_looked_up_by_its_id() {
    let sandbox = sandbox().await;
    let auth = client(&sandbox);
    let listed = auth.get_identities().usernames([SOMEBODY]).await.unwrap();
    let id = listed.identities[0].id;
    let found = auth.get_identity(id).await.unwrap();
    assert_eq!(found.identity, listed.identities[0]);
    let error = auth.get_identity(strangers(1)[0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
