//! Futures and streams that are dropped after their n-th poll, for every n until they end: nothing
//! of theirs is left, and the next call works.
//!
//! Every connection is driven by a task of the runtime, and whatever would go on in the background
//! would be one, too. So the client has a runtime of its own, on which nothing else runs, and its
//! living tasks are counted: after a drop the connections that wait in the pool, and none once the
//! client is dropped. (Renewing a token is the one thing that is finished whoever waits for it; the
//! token here needs none.)

use crate::lab::Lab;
use globus_emulator::Limits;
use globus_sdk::transfer::{Client, TransferData, TransferItem};
use globus_sdk::types::Uuid;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

const OFTEN: Duration = Duration::from_millis(4);
/// Connections of calls that come one after the other: one in use, and one that was being made when
/// its call was dropped.
const POOLED: usize = 2;

/// Polls a future whenever it asks for it, `n` times at most, and drops it. What it gave, if it ended.
async fn polled<F: Future>(future: F, n: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polls == n => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// The emulator on one runtime, the client on another.
struct TwoRuntimes {
    elsewhere: Runtime,
    here: Runtime,
    lab: Lab,
}

impl TwoRuntimes {
    fn new() -> Self {
        let elsewhere = Runtime::new().expect("a runtime for the emulator");
        let here = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the client");
        let lab = elsewhere.block_on(Lab::open());
        lab.put("a", "a");
        // every document here is about the same file
        let limits = Limits::default().allow_identical_paths(true);
        lab.emulator.set_limits(limits);
        Self {
            elsewhere,
            here,
            lab,
        }
    }

    fn client(&self) -> Client {
        self.elsewhere.block_on(self.lab.transfer())
    }

    fn data(&self) -> TransferData {
        TransferData::new(self.lab.from, self.lab.to).item(TransferItem::file("/a", "/b"))
    }

    fn task(&self, client: &Client) -> Uuid {
        let data = self.data();
        let submission = client.submit_transfer(&data).into_future();
        let task = self.here.block_on(submission);
        task.expect("a task").task_id
    }

    /// Waits until no more than so many tasks live on the client's runtime.
    fn settle(&self, most: usize, when: &str) {
        let patience = Instant::now() + Duration::from_secs(5);
        while self.here.metrics().num_alive_tasks() > most {
            let alive = self.here.metrics().num_alive_tasks();
            assert!(Instant::now() < patience, "{when}: {alive} tasks are left");
            self.here
                .block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
        }
    }

    /// Drops what `make` makes after its first poll, its second, and so on.
    fn drop_after_every_poll<I, F>(
        &self,
        prepare: impl Fn(&Client) -> I,
        make: impl Fn(Client, I) -> F,
    ) where
        F: Future<Output = ()>,
    {
        for n in 1.. {
            // a new one, so that its first polls make a connection
            let client = self.client();
            let input = prepare(&self.client());
            let ended = self.here.block_on(polled(make(client.clone(), input), n));
            self.settle(POOLED, &format!("dropped after {n} polls"));
            let next = self.here.block_on(client.get_submission_id().into_future());
            next.unwrap_or_else(|e| panic!("the call after {n} polls: {e}"));
            drop(client);
            self.settle(0, &format!("{n} polls, and no client any more"));
            if ended.is_some() {
                assert!(n > 3, "{n} polls prove nothing");
                break;
            }
        }
    }
}

#[test]
fn a_wait_leaves_nothing_behind() {
    let bench = TwoRuntimes::new();
    bench.drop_after_every_poll(
        |client| bench.task(client),
        |client, task| async move {
            let wait = client.wait(task).polling_interval(OFTEN);
            assert_eq!(wait.await.expect("a success").status, "SUCCEEDED");
        },
    );
}

#[test]
fn a_watch_leaves_nothing_behind() {
    let bench = TwoRuntimes::new();
    bench.drop_after_every_poll(
        |client| bench.task(client),
        |client, task| async move {
            let watch = client.watch(task).polling_interval(OFTEN);
            watch.stream().collect().await.expect("changes");
        },
    );
}

#[test]
fn a_wait_for_many_leaves_nothing_behind() {
    let bench = TwoRuntimes::new();
    bench.drop_after_every_poll(
        |client| [bench.task(client), bench.task(client)],
        |client, tasks| async move {
            let wait = client.wait_all(tasks).polling_interval(OFTEN);
            assert_eq!(wait.await.expect("successes").len(), 2);
        },
    );
}

#[test]
fn a_list_leaves_nothing_behind() {
    let bench = TwoRuntimes::new();
    let client = bench.client();
    for _ in 0..5 {
        bench.task(&client);
    }
    drop(client);
    bench.drop_after_every_poll(
        |_| (),
        |client, ()| async move {
            let tasks = client.task_list().limit(2).stream().collect().await;
            assert_eq!(tasks.expect("tasks").len(), 5);
        },
    );
}

#[test]
fn a_submission_leaves_nothing_behind_but_its_one_task() {
    let bench = TwoRuntimes::new();
    let submit = |client: &Client, data: &TransferData, n: usize| {
        let submission = client.submit_transfer(data).into_future();
        bench.here.block_on(polled(submission, n))
    };
    for n in 1.. {
        let client = bench.client();
        let data = bench.data();
        let ended = submit(&client, &data, n);
        bench.settle(POOLED, &format!("dropped after {n} polls"));
        let again = submit(&client, &data, usize::MAX)
            .expect("an end")
            .expect("the task");
        if let Some(first) = &ended {
            assert_eq!(first.as_ref().expect("a task").task_id, again.task_id);
        }
        let list = bench.here.block_on(client.task_list().into_future());
        let tasks = usize::try_from(list.expect("tasks").total.expect("a total"));
        assert_eq!(tasks, Ok(n), "one task a document");
        drop(client);
        bench.settle(0, &format!("{n} polls, and no client any more"));
        if ended.is_some() {
            assert!(n > 3, "{n} polls prove nothing");
            break;
        }
    }
}
