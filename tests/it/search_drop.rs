//! What is dropped halfway leaves nothing behind.

use crate::lab::{self, Lab};
use globus_sdk::search::types::{MetaEntry, ScrollQuery};
use globus_sdk::types::Uuid;
use globus_sdk::{Result, search};
use serde_json::{Value, json};
use std::future::{Future, IntoFuture as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

const OFTEN: Duration = Duration::from_millis(2);

/// A future that is given up after so many polls.
struct Impatient<F> {
    future: Pin<Box<F>>,
    polls: usize,
}

impl<F: Future> Future for Impatient<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.future.as_mut().poll(cx).map(Some)
    }
}

fn entries(count: u64) -> impl Iterator<Item = MetaEntry> + Send {
    (0..count).map(|n| MetaEntry::new(format!("run:{n}"), json!({"n": n})).visible_to(["public"]))
}

/// Drops what `start` makes after its first poll, its second, and so on until it ends. After each,
/// the service hears nothing more, and the next call works over a connection that was there.
async fn drop_at_every_poll<T, F: Future<Output = Result<T>>>(
    lab: &Lab,
    search: &search::Client,
    start: impl Fn() -> F,
) -> usize {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let mut before = 0;
    for polls in 1.. {
        let future = Box::pin(start());
        let outcome = Impatient { future, polls }.await;
        // what is on its way arrives
        tokio::time::sleep(Duration::from_millis(10)).await;
        let heard = lab.emulator.requests().len();
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(
            lab.emulator.requests().len(),
            heard,
            "asked for after {polls} polls"
        );
        search.index_list().await.expect("the next call");
        if polls == 2 {
            before = tasks();
        }
        if let Some(outcome) = outcome {
            outcome.expect("its end");
            // each connection is a task of the client's and one of the emulator's
            assert!(tasks() <= before + 4, "{before} tasks became {}", tasks());
            return polls;
        }
    }
    unreachable!("it ends")
}

async fn filled(search: &search::Client) -> Uuid {
    let index = lab::index(search).await;
    let ingest = search
        .ingest_all(index, entries(12))
        .polling_interval(OFTEN);
    ingest.await.expect("an ingest");
    index
}

#[tokio::test]
async fn an_ingest_dropped_at_any_poll_leaves_nothing_behind() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = lab::index(&search).await;
    let polls = drop_at_every_poll(&lab, &search, || {
        let ingest = search.ingest_all(index, entries(12)).batch_entries(4);
        ingest.polling_interval(OFTEN).into_future()
    })
    .await;
    assert!(polls > 5, "{polls} polls");
    let total = search.search(index, "*").await.expect("a result").total;
    assert_eq!(total, Some(12), "the last one ended");
}

#[tokio::test]
async fn a_scroll_dropped_at_any_poll_leaves_nothing_behind() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = filled(&search).await;
    let polls = drop_at_every_poll(&lab, &search, || {
        let scroll = search.scroll(index, ScrollQuery::new().q("*").limit(1));
        scroll.stream().collect()
    })
    .await;
    assert!(polls > 9, "{polls} polls");
}

#[tokio::test]
async fn entries_dropped_at_any_poll_leave_nothing_behind() {
    let lab = Lab::open().await;
    let search = lab.search().await;
    let index = filled(&search).await;
    let polls = drop_at_every_poll(&lab, &search, || {
        let found = search.search(index, "*").limit(1).entries::<Value>();
        found.stream().collect()
    })
    .await;
    assert!(polls > 9, "{polls} polls");
}
