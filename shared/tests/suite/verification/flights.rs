//! Fetches that hang, and the requests of Alexa's that arrive meanwhile.

#![expect(clippy::unwrap_used, reason = "a harness that cannot be made ends the test")]

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::verification::{FetchError, TOLD_WITHIN, VerificationError};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::harness::{Harness, NOW, body};
use super::signing::{CERTIFICATE_URL, sign};

const BUSY: VerificationError = VerificationError::Fetch(FetchError::Busy);
/// Far less than the silent server is waited for, which is for ever.
const AT_ONCE: Duration = Duration::from_millis(900);
/// What Alexa can wait for a chain that is not known.
const IN_TIME: Duration = Duration::from_millis(3_500);
const NEW: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert-new.pem";

/// A verifier that knows Alexa's chain, whose server has a second one, and in which 50 fetches were asked for of which
/// none is answered.
struct Besieged {
    harness: Arc<Harness>,
    forged: JoinSet<VerificationError>,
}

impl Besieged {
    async fn by_requests(addressed: bool) -> Self {
        let harness = Arc::new(Harness::new());
        harness.launch().await.unwrap();
        harness.server.serve(NEW, Ok(harness.authority.good_chain_pem(NOW).into_bytes()));
        let mut forged = JoinSet::new();
        for number in 0..50 {
            let harness = Arc::clone(&harness);
            forged.spawn(async move {
                let url = format!("https://s3.amazonaws.com/echo.api/silent-{number}.pem");
                harness.sent(&url, b"{}", &sign(b"{}"), addressed).await.unwrap_err()
            });
        }
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        Self { harness, forged }
    }

    /// How long Alexa's request with the chain at `url` takes.
    async fn genuine(&self, url: &str) -> Duration {
        let began = Instant::now();
        let body = body("LaunchRequest", NOW);
        self.harness.at_url(url, body.as_bytes(), &sign(body.as_bytes())).await.unwrap();
        began.elapsed()
    }

    /// How many of the forged requests were refused by now.
    fn refused(&mut self) -> usize {
        let mut refused = 0;
        while let Some(error) = self.forged.try_join_next() {
            assert_eq!(error.unwrap(), BUSY);
            refused += 1;
        }
        refused
    }
}

#[tokio::test]
async fn strangers_whose_fetches_hang_do_not_keep_alexa_waiting() {
    let mut besieged = Besieged::by_requests(false).await;
    assert_eq!(besieged.refused(), 48, "above two fetches a stranger is refused at once");
    assert!(besieged.genuine(CERTIFICATE_URL).await < AT_ONCE);
    assert!(besieged.genuine(NEW).await < AT_ONCE);
    assert_eq!(besieged.harness.server.held_open(), (2, 2));
}

#[tokio::test]
async fn fetches_that_hang_give_way_to_alexa_though_they_name_the_skill() {
    let mut besieged = Besieged::by_requests(true).await;
    assert_eq!(besieged.refused(), 45, "four fetches, and the newest request waits");
    assert!(besieged.genuine(CERTIFICATE_URL).await < AT_ONCE);
    assert!(besieged.genuine(NEW).await < IN_TIME);
    assert_eq!(besieged.harness.server.held_open(), (3, 4), "the oldest fetch was ended");
    assert_eq!(besieged.refused(), 2, "the one that waited, and the one whose fetch was ended");
}

#[tokio::test]
async fn a_place_of_a_stranger_goes_to_a_request_that_names_the_skill() {
    let harness = Arc::new(Harness::new());
    let mut forged = JoinSet::new();
    for (number, addressed) in [false, true, true, true].into_iter().enumerate() {
        let harness = Arc::clone(&harness);
        forged.spawn(async move {
            let url = format!("https://s3.amazonaws.com/echo.api/silent-{number}.pem");
            harness.sent(&url, b"{}", &sign(b"{}"), addressed).await.unwrap_err();
            number
        });
    }
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    harness.launch().await.unwrap();
    assert!(began.elapsed() < AT_ONCE);
    assert_eq!(forged.join_next().await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_fetch_ends_with_the_last_request_that_waits_for_it() {
    let besieged = Besieged::by_requests(true).await;
    let server = Arc::clone(&besieged.harness.server);
    assert_eq!(server.held_open().0, 4);
    drop(besieged);
    tokio::task::yield_now().await;
    assert_eq!(server.held_open().0, 0);
}

#[tokio::test]
async fn requests_for_one_url_share_one_fetch() {
    let harness = Arc::new(Harness::new());
    let mut waiting = JoinSet::new();
    for _ in 0..20 {
        let harness = Arc::clone(&harness);
        waiting.spawn(async move {
            let url = "https://s3.amazonaws.com/echo.api/silent.pem";
            harness.sent(url, b"{}", &sign(b"{}"), false).await
        });
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!((harness.server.asked(), harness.server.held_open()), (1, (1, 1)));
    assert!(waiting.try_join_next().is_none(), "none is refused");
}

/// A verifier whose requests wait for fetches that hang, each by the number of its URL and whether it names the skill.
/// A request that is refused gives its number.
async fn hanging(requests: &[(usize, bool)]) -> (Arc<Harness>, JoinSet<usize>) {
    let harness = Arc::new(Harness::new());
    let mut waiting = JoinSet::new();
    hang(&harness, &mut waiting, requests).await;
    (harness, waiting)
}

async fn hang(harness: &Arc<Harness>, waiting: &mut JoinSet<usize>, requests: &[(usize, bool)]) {
    for (number, addressed) in requests.iter().copied() {
        let harness = Arc::clone(harness);
        waiting.spawn(async move {
            let url = format!("https://s3.amazonaws.com/echo.api/silent-{number}.pem");
            harness.sent(&url, b"{}", &sign(b"{}"), addressed).await.unwrap_err();
            number
        });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_fetch_that_one_of_our_requests_waits_for_is_no_strangers() {
    let (harness, mut waiting) = hanging(&[(0, false), (0, true), (1, false), (2, true), (3, true)]).await;
    harness.launch().await.unwrap();
    assert_eq!(waiting.join_next().await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn a_fetch_that_ends_leaves_the_others_in_their_places() {
    let (harness, mut waiting) = hanging(&[(0, true), (1, true), (2, true)]).await;
    harness.launch().await.unwrap();
    assert_eq!(harness.server.held_open(), (3, 3));
    hang(&harness, &mut waiting, &[(3, true), (4, true), (5, true)]).await;
    assert_eq!(harness.server.held_open(), (4, 4));
}

/// The store that knows our skill may be silent.
#[tokio::test]
async fn a_request_of_which_it_cannot_be_told_counts_as_a_strangers() {
    assert!(TOLD_WITHIN < AT_ONCE);
    let harness = Arc::new(Harness::new().impatient());
    let body = body("LaunchRequest", NOW);
    let signature = sign(body.as_bytes());
    harness.told(CERTIFICATE_URL, body.as_bytes(), &signature, std::future::pending()).await.unwrap();
    let mut forged = JoinSet::new();
    for number in 0..2 {
        let harness = Arc::clone(&harness);
        forged.spawn(async move {
            let url = format!("https://s3.amazonaws.com/echo.api/silent-{number}.pem");
            harness.told(&url, b"{}", &sign(b"{}"), std::future::pending()).await.map(drop)
        });
    }
    while harness.server.held_open().0 < 2 {
        tokio::task::yield_now().await;
    }
    let third = harness.told(NEW, b"{}", &sign(b"{}"), std::future::pending()).await;
    assert_eq!(third.unwrap_err(), BUSY, "both places of strangers are taken");
}

#[tokio::test]
async fn a_stranger_is_refused_where_all_places_are_taken() {
    let (harness, mut waiting) = hanging(&[(0, true), (1, true), (2, true), (3, true)]).await;
    hang(&harness, &mut waiting, &[(4, false)]).await;
    assert_eq!(waiting.join_next().await.unwrap().unwrap(), 4);
    assert_eq!(harness.server.held_open(), (4, 4));
}
