//! Time that is passed by sleeping.

use globus_emulator::Emulator;
use globus_sdk::transport::Clock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How much longer than asked every sleep takes: longer than a task waits before it begins.
const OVERSLEPT: Duration = Duration::from_secs(5);

/// The clock of emulator and SDK. Whoever sleeps moves it at once; meanwhile, all tasks that have
/// begun come to their end, so that the next look does not depend on how fast they are.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    emulator: Arc<Emulator>,
    slept: Arc<AtomicU64>,
}

impl Shared {
    pub(crate) fn with(emulator: &Arc<Emulator>) -> Self {
        Self {
            emulator: Arc::clone(emulator),
            slept: Arc::default(),
        }
    }

    fn slept(&self) -> Duration {
        Duration::from_millis(self.slept.load(Ordering::SeqCst))
    }
}

impl Clock for Shared {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.slept()
    }

    fn instant(&self) -> Instant {
        Instant::now() + self.slept()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(async move {
            let passed = duration + OVERSLEPT;
            let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
            clock.slept.fetch_add(millis, Ordering::SeqCst);
            clock.emulator.advance_clock(passed);
            let ended = clock.emulator.wait_until_idle().await;
            ended.expect("the emulator's tasks");
        })
    }

    fn random(&self) -> f64 {
        0.5
    }
}
