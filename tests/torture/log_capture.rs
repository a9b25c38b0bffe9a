//! Everything that is text in this process: traces and logs of every crate, panics, and what the job
//! tells of its values and errors. And the search for secrets in it.

use globus_sdk::Error;
use globus_test_support::traces::Recorder;
use std::cell::RefCell;
use std::fmt::Arguments;
use std::sync::{Mutex, Once, PoisonError};

/// What a token of the emulator begins with, and how many letters of one betray it.
const TOKEN: (&str, usize) = ("Ag", 20);

/// By one thread: a schedule is one.
#[derive(Default)]
struct CapturedLog {
    text: String,
    panics: Vec<String>,
}

thread_local! {
    static CAPTURED: RefCell<Option<CapturedLog>> = const { RefCell::new(None) };
}

/// What is text on threads that belong to no schedule.
static STRAY: Mutex<String> = Mutex::new(String::new());

/// Says something for everybody to hear.
pub(crate) fn say(text: Arguments<'_>) {
    let text = format!("{text}\n");
    let stray = CAPTURED.with(|log| match log.try_borrow_mut() {
        Ok(mut log) => log.as_mut().map(|log| log.text += &text).is_none(),
        Err(_) => true,
    });
    if stray {
        let mut stray = STRAY.lock().unwrap_or_else(PoisonError::into_inner);
        *stray += &text;
    }
}

/// An error, as far as anybody can print it.
pub(crate) fn tell(error: &Error) {
    say(format_args!("{error} {error:?} {error:#?}"));
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        say(format_args!("{error} {error:?}"));
        cause = error.source();
    }
}

/// Begins to listen, on this thread.
pub(crate) fn begin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Recorder(say)).expect("the only subscriber");
        log::set_logger(&Recorder(say)).expect("the only logger");
        log::set_max_level(log::LevelFilter::Trace);
        std::panic::set_hook(Box::new(|panic| {
            say(format_args!("panic {panic}"));
            let text = panic.to_string();
            CAPTURED.with(|log| {
                if let Ok(mut log) = log.try_borrow_mut()
                    && let Some(log) = log.as_mut()
                {
                    log.panics.push(text);
                }
            });
        }));
    });
    CAPTURED.with(|log| *log.borrow_mut() = Some(CapturedLog::default()));
}

/// All that was text since, and the panics among it.
pub(crate) fn end() -> (String, Vec<String>) {
    let log = CAPTURED.with(|log| log.borrow_mut().take());
    let mut log = log.unwrap_or_default();
    let mut stray = STRAY.lock().unwrap_or_else(PoisonError::into_inner);
    log.text += &std::mem::take(&mut *stray);
    (log.text, log.panics)
}

/// What must not be text: every token that was issued, and these.
#[derive(Default)]
pub(crate) struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    pub(crate) fn keep(&mut self, name: &'static str, secret: &str) {
        self.0.push((name, secret.to_owned()));
    }

    /// A token, whose halves betray it, too.
    pub(crate) fn keep_token(&mut self, token: &str) {
        let known = betrayed(token).is_some_and(|found| found == token);
        assert!(known, "a token is not what is looked for");
        self.keep("half of a token", &token[..token.len() / 2]);
        self.keep("half of a token", &token[token.len() / 2..]);
    }

    /// Who text what nobody may, if anybody did.
    pub(crate) fn leak(&self, text: &str) -> Option<String> {
        let of = |name, secret: &str| {
            let line = text.lines().find(|line| line.contains(secret))?;
            let at = line.find(secret)?;
            let start = (at.saturating_sub(200)..at).find(|at| line.is_char_boundary(*at))?;
            Some(format!("{name} was text: {}...", &line[start..at]))
        };
        let kept = self.0.iter().find_map(|(name, secret)| of(*name, secret));
        kept.or_else(|| of("a token", betrayed(text)?))
    }
}

/// A token, or the beginning of one, whosever it is.
pub(crate) fn betrayed(text: &str) -> Option<&str> {
    text.match_indices(TOKEN.0).find_map(|(at, _)| {
        let rest = &text[at..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        (begins && length >= TOKEN.1).then(|| &rest[..length])
    })
}
