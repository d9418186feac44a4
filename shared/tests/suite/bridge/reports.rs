//! The skill's end of the queue of reports, over a store and a queue that is a list.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::bridge::{HomeReports, Outbox, QueueError};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::playback::{HeardReport, Player, PlayerId, ReportListener as _};
use ma_alexa::speakers::HomeReport;
use ma_alexa::store::Store;
use ma_alexa::store::sqlite::SqliteStore;
use tempfile::TempDir;

/// A queue that keeps what is sent; none of it where it hangs.
#[derive(Debug, Default)]
struct List(Mutex<Vec<String>>, bool);

#[async_trait]
impl Outbox for List {
    async fn send(&self, body: String) -> Result<(), QueueError> {
        if self.1 {
            std::future::pending::<()>().await;
        }
        self.0.lock().unwrap().push(body);
        Ok(())
    }
}

struct Function {
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
    list: Arc<List>,
    reports: HomeReports,
    _folder: TempDir,
}

impl Function {
    fn new(hangs: bool) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let random = Arc::new(SeededRandom::new(1));
        let file = SqliteStore::open(folder.path().join("state.db"), clock.clone(), random).unwrap();
        let (store, list) = (Arc::new(file) as Arc<dyn Store>, Arc::new(List(Mutex::default(), hangs)));
        let reports = HomeReports::new(Arc::clone(&store), list.clone(), clock.clone());
        Self { clock, store, list, reports, _folder: folder }
    }

    /// A report, as far as it has to be sent, and what is in the queue since then.
    async fn reports(&self, revision: u64, reports_home: bool) -> Vec<HomeReport> {
        let player = Player { reports_home, revision, ..Player::new(&PlayerId::from("Kitchen")) };
        self.reports.heard(HeardReport { player: Box::new(player), is_next_given: true });
        self.reports.send().await;
        let sent = std::mem::take(&mut *self.list.0.lock().unwrap());
        sent.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_report_is_sent_where_a_renderer_of_a_home_that_is_there_started_the_player() {
    let function = Function::new(false);
    assert_eq!(function.reports(1, true).await, [], "no home was ever there");
    function.store.note_presence(function.clock.now()).await.unwrap();
    assert_eq!(function.reports(2, true).await, [], "it is not looked for again at once");
    function.clock.advance(Duration::from_secs(31));
    let sent = function.reports(3, true).await;
    let [report] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((report.player.as_str(), report.observed.revision), ("Kitchen", 3));
    assert!(report.observed.is_next_given);
    assert_eq!(report.at, function.clock.now());
    assert_eq!(function.reports(4, false).await, [], "no renderer started it");
    // It was seen 149 s before, and then 150 s.
    function.clock.advance(Duration::from_secs(118));
    assert_eq!(function.reports(5, true).await.len(), 1);
    function.clock.advance(Duration::from_secs(1));
    assert_eq!(function.reports(6, true).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_hangs_takes_a_second() {
    let function = Function::new(true);
    function.store.note_presence(function.clock.now()).await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(function.reports(1, true).await, []);
    assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
}
