//! The parsers of foreign bytes, and what has to hold for each of them whatever it is fed with.

mod account;
mod alexa;
mod amazon;
mod aside;
mod door;
mod household;
mod live;
mod playback;
mod spoken;
mod stored;
mod upnp;
mod web;

use std::cell::RefCell;

use tokio::runtime::{Builder, Runtime};

use super::rules;

/// Feeds one input to a parser. Panics where something does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 34] = [
    ("account_code", |data| account::code(&text(data))),
    ("amazon_account", |data| amazon::account(&text(data))),
    ("amazon_cookies", |data| amazon::cookies(&text(data))),
    ("amazon_devices", |data| amazon::devices(&text(data))),
    ("amazon_host", |data| account::host(&text(data))),
    ("amazon_registration", |data| amazon::registration(&text(data))),
    ("amazon_return", |data| amazon::sign_in_code(&text(data))),
    ("amazon_session", |data| account::session(&text(data))),
    ("amazon_states", |data| amazon::states(&text(data))),
    ("amazon_status", |data| amazon::status(&text(data))),
    ("amazon_token", |data| amazon::token(&text(data))),
    ("basic_header", web::basic_header),
    ("certificate_chain", alexa::certificate_chain),
    ("certificate_url", |data| alexa::certificate_url(&text(data))),
    ("cookies", web::cookies),
    ("developer_return", |data| amazon::developer_return(&text(data))),
    ("form", web::form),
    ("grant", |data| door::grant(&text(data))),
    ("granted_path", |data| door::granted_path(&text(data))),
    ("lists", |data| door::lists(&text(data))),
    ("live_stream", live::stream),
    ("page_after_login", |data| web::page_after_login(&text(data))),
    ("play_token", |data| playback::token(&text(data))),
    ("push_body", playback::push_body),
    ("request_answer", |data| alexa::answer(&text(data))),
    ("request_envelope", alexa::envelope),
    ("spoken_music", |data| spoken::music(&text(data))),
    ("spoken_name", |data| playback::spoken_name(&text(data))),
    ("stored_item", stored::item),
    ("stream_address", |data| playback::stream_address(&text(data))),
    ("upnp_call", |data| upnp::call(&text(data))),
    ("upnp_item", |data| upnp::item(&text(data))),
    ("upnp_search", upnp::search),
    ("upnp_subscription", |data| upnp::subscription(&text(data))),
];

/// What comes of work that waits for nothing outside. A thread makes one runtime for all its inputs.
fn finished<T>(work: impl Future<Output = T>) -> Option<T> {
    thread_local! {
        static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    }
    RUNTIME.with_borrow_mut(|kept| {
        let runtime = match kept.take() {
            Some(runtime) => runtime,
            None => Builder::new_current_thread().enable_time().build().ok()?,
        };
        let done = runtime.block_on(work);
        *kept = Some(runtime);
        Some(done)
    })
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The input in two parts, which an empty line divides.
fn parts(text: &str) -> (&str, &str) {
    text.split_once("\n\n").unwrap_or((text, ""))
}
