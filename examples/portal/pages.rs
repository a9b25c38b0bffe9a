//! The portal's pages. `maud` escapes all user input.

use crate::sessions::User;
use axum::response::Html;
use globus_sdk::transfer::types::Endpoint;
use maud::{DOCTYPE, Markup, html};

const STYLE: &str = "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;\
padding:0 1rem;color:#1a1a1a;background:#fff}header{display:flex;gap:1rem;align-items:baseline;\
justify-content:space-between;flex-wrap:wrap}li{padding:.6rem 0;border-bottom:1px solid #ccc}\
ul{list-style:none;padding:0}code{color:#595959;overflow-wrap:anywhere}\
a.button,button{font:inherit;padding:.5rem 1.2rem;border:1px solid #27518f;border-radius:.3rem;\
background:#27518f;color:#fff;text-decoration:none;cursor:pointer}";

fn page(title: &str, body: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (title) }
                style { (STYLE) }
            }
            body { (body) }
        }
    };
    Html(page.into_string())
}

pub(crate) fn welcome() -> Html<String> {
    let body = html! {
        h1 { "Example portal" }
        p { "See the collections that you have on Globus." }
        p { a.button href="/login" { "Log in with Globus" } }
    };
    page("Example portal", &body)
}

pub(crate) fn collections(user: &User, found: &[Endpoint]) -> Html<String> {
    let body = html! {
        header {
            h1 { "Your collections" }
            form method="post" action="/logout" { button { "Log out" } }
        }
        p { "Logged in as " strong { (user.name) } " (" (user.username) ")." }
        @if found.is_empty() {
            p { "You have no collections yet." }
        } @else {
            ul {
                @for collection in found {
                    li {
                        (collection.display_name.as_deref().unwrap_or("(without a name)"))
                        br;
                        code { (collection.id) }
                    }
                }
            }
        }
    };
    page("Your collections", &body)
}

pub(crate) fn refusal(message: &str) -> Html<String> {
    let body = html! {
        h1 { "That did not work" }
        p role="alert" { (message) }
        p { a.button href="/login" { "Log in again" } }
    };
    page("That did not work", &body)
}
