//! Every paging style, driven by random sequences of pages without HTTP.
//!
//! `PAGING_SEED` is the first seed (default 1), and `PAGING` the number of sequences for each style
//! (default 200). `just paging SEED N` does the same; one seed reproduces one sequence exactly.

use super::sequences::{ENDLESS, STYLES, Sequence, Style};
use super::{PageSource, Reader};
use crate::transport::RawResponse;
use crate::types::Uuid;
use crate::{search, transfer};
use std::time::Instant;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// The result of reading a list: its items, and the error that ended it.
struct Came {
    items: Vec<usize>,
    requests: usize,
    error: Option<String>,
}

/// Reads a list to its end, taking each page from the sequence instead of a service.
fn read<C: PageSource>(call: C, sequence: &Sequence, number: fn(C::Item) -> usize) -> Came {
    let mut came = Came {
        items: Vec::new(),
        requests: 0,
        error: None,
    };
    let mut next = Some(Reader::new(call.first()));
    while let Some(reader) = next.take() {
        // the request must be valid, whatever the marker
        reader.call.request_page().unwrap();
        let answer = RawResponse {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: sequence.json(came.requests).to_string().into(),
            sent: crate::transport::RequestSecrets::default(),
        };
        came.requests += 1;
        let page = match answer.decode::<C::Page>(reader.call.call().name()) {
            Ok(page) => page,
            Err(error) => {
                came.error = Some(error.to_string());
                break;
            }
        };
        match reader.next_reader(&page, C::position(&page)) {
            Ok(reader) => next = reader,
            Err(error) => {
                assert_eq!(error.kind(), crate::error::ErrorKind::Decode, "{error}");
                assert!(error.operation().is_some() && error.response_parts().is_some());
                came.error = Some(error.to_string());
            }
        }
        came.items
            .extend(C::items(page.into_inner()).into_iter().map(number));
        if came.requests >= ENDLESS {
            break;
        }
    }
    came
}

struct Callers {
    search: search::Client,
    transfer: transfer::Client,
}

impl Callers {
    fn read(&self, sequence: &Sequence) -> Came {
        let (search, transfer, nil) = (&self.search, &self.transfer, Uuid::nil());
        match sequence.style {
            Style::Tasks => read(transfer.task_list(), sequence, |task| plain(task.task_id)),
            Style::Files => read(transfer.operation_ls(nil), sequence, |file| {
                file.name.parse().unwrap()
            }),
            Style::Endpoints => read(transfer.endpoint_search(), sequence, |e| plain(e.id)),
            Style::Results => {
                let query = search::types::SearchQuery::new();
                let call = search.post_search(nil, query);
                read(call, sequence, |found| found.subject.parse().unwrap())
            }
            Style::Scroll => {
                let query = search::types::ScrollQuery::new();
                let call = search.scroll(nil, query);
                read(call, sequence, |found| found.subject.parse().unwrap())
            }
            Style::Moved => read(transfer.task_successful_transfers(nil), sequence, |moved| {
                moved.source_path.unwrap_or_default().parse().unwrap()
            }),
            Style::Shared => read(transfer.get_shared_endpoint_list(nil), sequence, |shared| {
                plain(shared.id)
            }),
            Style::Managed => read(transfer.endpoint_manager_task_list(), sequence, |task| {
                plain(task.task_id)
            }),
            Style::Bookmarks => read(transfer.list_bookmarks(), sequence, |b| plain(b.id)),
        }
    }
}

/// The number that an id was made from: its digits are decimal.
fn plain(id: Uuid) -> usize {
    let text = id.simple().to_string();
    text.trim_start_matches('0').parse().unwrap_or_default()
}

#[test]
fn every_sequence_of_pages_ends_in_all_items_or_an_error() {
    let (seed, count) = (setting("PAGING_SEED", 1), setting("PAGING", 200));
    let callers = Callers {
        search: search::Client::builder().build().unwrap(),
        transfer: transfer::Client::builder().build().unwrap(),
    };
    let (mut whole, mut short, mut requests) = (0, 0, 0);
    let started = Instant::now();
    for style in STYLES {
        for seed in seed..seed + count {
            let sequence = Sequence::random(style, seed);
            let came = callers.read(&sequence);
            requests += came.requests;
            match came.error {
                None => whole += 1,
                Some(_) => short += 1,
            }
            let judged = sequence.judge(&came.items, came.requests, came.error.as_deref());
            assert_eq!(
                judged,
                Ok(()),
                "seed {seed}, {style:?}: {sequence:#?}; to replay: just paging {seed} 1"
            );
        }
    }
    println!(
        "{} sequences of pages, {count} in each of {} styles: {whole} whole, {short} ended with an error, \
         0 in silence, 0 without end; {requests} pages, {:.1} s",
        whole + short,
        STYLES.len(),
        started.elapsed().as_secs_f64(),
    );
    assert!(count < 100 || (whole > 0 && short > 0));
}
