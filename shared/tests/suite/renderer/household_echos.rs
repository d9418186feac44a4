//! What renderers want of Echos, over functions that tests decide. The time of tokio is paused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use ma_alexa::clock::SystemClock;
use ma_alexa::renderer::{Echos as _, HouseholdEchos, Member, NewsFeed, Observed, Refusal, Speaker};
use ma_alexa::renderer_report::RendererReports;
use ma_alexa::speakers::{EchoAccess, EchoAnswer, EchoRequest, RendererFailure, ReportSink as _, Stopping};
use ma_alexa::upnp::{MediaItem, RendererModel};
use tokio::time::sleep;

const ECHO: &str = "G0KITCHEN";

/// Functions that give these answers, and what they were asked.
#[derive(Debug, Default)]
struct Functions {
    answers: Mutex<VecDeque<Result<EchoAnswer, Refusal>>>,
    asked: Mutex<Vec<EchoRequest>>,
}

impl EchoAccess for Functions {
    fn ask(&self, request: EchoRequest) -> BoxFuture<'_, Result<EchoAnswer, Refusal>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(request);
            let down = || Err(Refusal::of_way("functions_unavailable", "the functions cannot be reached"));
            self.answers.lock().unwrap().pop_front().unwrap_or_else(down)
        })
    }

    fn is_far(&self) -> bool {
        true
    }
}

struct Home {
    functions: Arc<Functions>,
    reports: RendererReports,
    feed: NewsFeed,
    echos: HouseholdEchos,
}

impl Home {
    /// A home whose one Echo is known.
    async fn new() -> Self {
        let (functions, reports) = (Arc::new(Functions::default()), RendererReports::default());
        let feed = NewsFeed::default();
        let echos = HouseholdEchos::new(functions.clone(), &feed, reports.clone(), Arc::new(SystemClock));
        let home = Self { functions, reports, feed, echos };
        let member = Member { serial: ECHO.to_owned(), name: "Kitchen".to_owned() };
        let speaker = Speaker {
            serial: ECHO.to_owned(),
            name: "Kitchen".to_owned(),
            model: RendererModel::Echo,
            is_group: false,
            members: vec![member],
        };
        home.answers([Ok(EchoAnswer::Offered { speakers: vec![speaker], has_door: true })]);
        assert_eq!(home.echos.speakers().await.map(|speakers| speakers.len()), Some(1));
        home
    }

    fn answers(&self, answers: impl IntoIterator<Item = Result<EchoAnswer, Refusal>>) {
        *self.functions.answers.lock().unwrap() = answers.into_iter().collect();
        self.functions.asked.lock().unwrap().clear();
    }

    fn asked(&self) -> Vec<EchoRequest> {
        self.functions.asked.lock().unwrap().clone()
    }

    fn problem(&self) -> Option<String> {
        self.reports.report().renderers[ECHO].problem.clone().map(|problem| problem.code.to_string())
    }

    async fn store(&self, handed: bool) {
        self.answers([Ok(EchoAnswer::Stored { version: 3, handed })]);
        assert_eq!(self.echos.store(ECHO, ECHO, &MediaItem::default()).await, Ok(3));
    }

    async fn ask(&self) -> Vec<Result<(), Refusal>> {
        self.echos.ask(ECHO, &[(ECHO.to_owned(), 3)]).await
    }
}

fn sent() -> EchoAnswer {
    EchoAnswer::Asked { refusals: vec![None], words: vec!["bakino".to_owned()] }
}

fn player(version: u64) -> EchoAnswer {
    EchoAnswer::Players(vec![("Kitchen".to_owned(), Observed { version, ..Observed::default() })])
}

#[tokio::test(start_paused = true)]
async fn a_start_makes_its_echo_ask_and_says_where_it_did_not() {
    let home = Home::new().await;
    home.store(false).await;
    let silent = Refusal::new("never_asked", "the Echo never did");
    home.answers([Ok(sent()), Err(silent)]);
    assert_eq!(home.ask().await, [Ok(())], "Amazon took it");
    sleep(Duration::from_millis(1)).await;
    let words = EchoRequest::AwaitWords { serial: ECHO.to_owned(), words: vec!["bakino".to_owned()] };
    assert_eq!(home.asked(), [EchoRequest::Ask(vec![(ECHO.to_owned(), 3)]), words]);
    assert_eq!(home.problem().as_deref(), Some("never_asked"));
}

/// The Echo may play all the same.
#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_no_failure_of_the_echo() {
    let home = Home::new().await;
    home.store(false).await;
    home.answers([Ok(sent())]);
    assert_eq!(home.ask().await, [Ok(())]);
    sleep(Duration::from_millis(1)).await;
    assert_eq!((home.asked().len(), home.problem()), (2, None));
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_over_needs_no_sentence_unless_the_answer_is_lost() {
    let home = Home::new().await;
    home.store(true).await;
    home.answers([Ok(player(4))]);
    assert_eq!(home.ask().await, [Ok(())]);
    sleep(Duration::from_secs(7)).await;
    assert_eq!(home.asked(), [EchoRequest::Players(vec!["Kitchen".to_owned()])], "another start followed");

    home.store(true).await;
    home.answers([Ok(player(3)), Ok(sent()), Ok(EchoAnswer::Done {})]);
    assert_eq!(home.ask().await, [Ok(())]);
    sleep(Duration::from_secs(7)).await;
    assert_eq!(home.asked().len(), 3, "it does not begin, and is made to ask");

    home.store(true).await;
    let stopped = Observed { version: 3, may_begin: Some(false), ..Observed::default() };
    home.answers([Ok(EchoAnswer::Players(vec![("Kitchen".to_owned(), stopped)]))]);
    assert_eq!(home.ask().await, [Ok(())]);
    sleep(Duration::from_secs(7)).await;
    assert_eq!(home.asked().len(), 1, "a person stopped it, and it is left alone");

    // A resume is handed over by a request of its own.
    home.answers([Ok(EchoAnswer::Handed(true))]);
    assert_eq!(home.ask().await, [Ok(())]);
    home.answers([Ok(EchoAnswer::Handed(false)), Ok(sent()), Ok(EchoAnswer::Done {})]);
    assert_eq!(home.ask().await, [Ok(())]);
    assert!(home.asked().contains(&EchoRequest::Ask(vec![(ECHO.to_owned(), 3)])));
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_while_a_request_of_a_person_does() {
    let home = Home::new().await;
    home.answers([Ok(EchoAnswer::Stopped(vec![Stopping::Awaited(3)])), Ok(EchoAnswer::Done {})]);
    assert_eq!(home.echos.stop(ECHO, &[ECHO.to_owned()]).await, [Ok(())]);
    sleep(Duration::from_millis(1)).await;
    let later = EchoRequest::StopUnlessStarted { serial: ECHO.to_owned(), version: 3 };
    assert_eq!(home.asked(), [EchoRequest::Stop(vec![ECHO.to_owned()]), later]);
}

#[tokio::test(start_paused = true)]
async fn functions_that_are_down_are_the_reason_of_a_refusal() {
    let home = Home::new().await;
    home.answers([]);
    let refused = home.echos.store(ECHO, ECHO, &MediaItem::default()).await.unwrap_err();
    assert_eq!(refused.code, RendererFailure::from("functions_unavailable"));
    assert_eq!(home.problem().as_deref(), Some("functions_unavailable"));
    home.store(false).await;
    home.answers([]);
    assert_eq!(home.ask().await, [Err(refused.clone())]);
    assert_eq!(home.echos.stop(ECHO, &[ECHO.to_owned()]).await, [Err(refused)]);
    assert_eq!(home.echos.speakers().await, None, "those before stay");
    assert_eq!(home.echos.players(&["Kitchen".to_owned()]).await, None);
}

/// Where no report ever came, what follows counts as given to the Echo.
#[tokio::test]
async fn reports_say_whether_the_next_item_was_given() {
    let home = Home::new().await;
    let given = Observed { version: 1, is_next_given: true, ..Observed::default() };
    let players = || EchoAnswer::Players(vec![("Kitchen".to_owned(), given.clone())]);
    let names = ["Kitchen".to_owned()];
    home.answers([Ok(players()), Ok(players())]);
    assert!(home.echos.players(&names).await.unwrap()[0].1.is_next_given);
    home.feed.heard("Kitchen".to_owned(), given.clone());
    assert!(!home.echos.players(&names).await.unwrap()[0].1.is_next_given);
}
