//! What renderers cost, and how fast they are: a controller that plays, an Echo that reports, fifty of them idle.
//!
//! Amazon is a stand-in in this program, so that the times are our own. Two servers run beside each other: one offers
//! renderers, and the other one does not.

mod controller;
mod home;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use end_to_end::amazon::FakeAmazon;
use ma_alexa::renderer::udn;
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::report::{Figure, Report};
use controller::{Controller, Event};
use home::{Home, household, serial};

/// Renderers that are offered.
const RENDERERS: usize = 50;

/// Plays that are measured, each on an Echo of its own.
const PLAYS: usize = 3;

/// Volumes that are turned.
const VOLUMES: u8 = 5;

/// Time that passes between two sentences, so that none waits for Amazon's pace.
const CALM: Duration = Duration::from_millis(1100);

/// Time for which both servers are idle.
const IDLE: Duration = Duration::from_secs(5);

/// Path of sentences at Amazon.
const SENTENCES: &str = "/api/behaviors/preview";

/// Budget: from a play to its sentence at Amazon, in milliseconds.
const PLAY: f64 = 150.0;

/// Budget: from the report of an Echo to the event of a controller, in milliseconds.
const REPORT: f64 = 100.0;

/// Budget: from a volume at Amazon to the event of a controller, in milliseconds.
const VOLUME: f64 = 1000.0;

/// Budget: processor time of all renderers, in percent of a core.
const PROCESSOR: f64 = 1.0;

/// Budget: memory of all renderers, in MB.
const MEMORY: f64 = 5.0;

/// Measures two servers with their state in `folder`. Whether each budget holds.
pub(crate) fn measure(folder: &Path, report: &mut Report) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let figures = runtime.block_on(async {
        let amazon = household(RENDERERS).await;
        let bare = Home::start(&folder.join("bare"), &amazon, false).await?;
        let home = Home::start(&folder.join("renderers"), &amazon, true).await?;
        home.offers(RENDERERS, &amazon).await?;
        let mut figures = idle(&home, &bare).await?;
        let controller = Controller::start(home.renderers).await?;
        figures.splice(0..0, plays(&amazon, &home, &controller).await?);
        figures.push(volumes(&amazon, &controller).await?);
        anyhow::Ok(figures)
    })?;
    report.figures("renderers", &figures);
    Ok(figures.iter().all(Figure::holds))
}

/// Processor and memory of renderers that do nothing. Each has one look at the store meanwhile, which comes once in half a
/// minute else.
async fn idle(home: &Home, bare: &Home) -> anyhow::Result<Vec<Figure>> {
    sleep(CALM).await;
    let before = [home.processor()?, bare.processor()?];
    let began = Instant::now();
    home.server.look()?;
    bare.server.look()?;
    sleep(IDLE).await;
    let percent = |used: Duration| used.as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
    let used = [home.processor()?, bare.processor()?];
    let with = percent(used[0].saturating_sub(before[0]));
    let without = percent(used[1].saturating_sub(before[1]));
    let (more, floor) = (home.memory()?, bare.memory()?);
    Ok(vec![
        Figure {
            name: format!("{RENDERERS} idle renderers, % of a core more"),
            value: with - without,
            beside: ("without", without),
            budget: PROCESSOR,
        },
        Figure {
            name: format!("{RENDERERS} renderers, MB more"),
            value: more - floor,
            beside: ("without", floor),
            budget: MEMORY,
        },
    ])
}

/// Times of plays and of the reports on them, beside the shortest way of the same.
async fn plays(amazon: &FakeAmazon, home: &Home, controller: &Controller) -> anyhow::Result<[Figure; 2]> {
    let (mut sentences, mut plays, mut answers, mut events) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 0..PLAYS {
        let (device, udn) = (serial(number), udn(&serial(number)));
        controller.subscribe(&udn, "AVTransport").await?;
        controller.set_item(&udn, number).await?;
        sleep(CALM).await;
        let sent = amazon.requests(SENTENCES).len();
        let began = Instant::now();
        let text = json!({ "text": "hello" });
        let path = format!("/v1/devices/{device}/text");
        let (status, said) = home.api.ask(Method::POST, &path, Some(&text)).await;
        ensure!(status == 200, "{said}");
        sentences.push(arrival(amazon, sent).await? - began);
        amazon.next_utterance().await;

        sleep(CALM).await;
        let began = Instant::now();
        controller.play(&udn).await?;
        plays.push(arrival(amazon, sent + 1).await? - began);
        let token = home.echo_asks(&amazon.next_utterance().await).await?;
        // The event of the start is over, which the next one waits for.
        sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        home.reports(&device, &token).await?;
        answers.push(began.elapsed());
        events.push(controller.event(|event: &Event| event.says("TransportState", "PLAYING")).await? - began);
    }
    let figure = |name: &str, times: Vec<Duration>, beside, shortest, budget| Figure {
        name: name.to_owned(),
        value: median(times),
        beside: (beside, median(shortest)),
        budget,
    };
    Ok([
        figure("`Play` to its sentence at Amazon, ms", plays, "a bare sentence", sentences, PLAY),
        figure("report of an Echo to its `NOTIFY`, ms", events, "the answer to the Echo", answers, REPORT),
    ])
}

/// Times from a volume at Amazon to its event. A round to Amazon's stand-in and back is measured beside it.
async fn volumes(amazon: &FakeAmazon, controller: &Controller) -> anyhow::Result<Figure> {
    let (device, udn) = (serial(0), udn(&serial(0)));
    controller.subscribe(&udn, "RenderingControl").await?;
    let (mut times, mut asked) = (Vec::new(), Vec::new());
    for volume in (0..VOLUMES).map(|number| 50 + number) {
        sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        controller.volume(&udn).await?;
        asked.push(began.elapsed());
        let began = Instant::now();
        amazon.change_device(&device, |echo| echo.volume = volume);
        let shown = volume.to_string();
        times.push(controller.event(|event: &Event| event.says("Volume", &shown)).await? - began);
    }
    Ok(Figure {
        name: "volume turned on an Echo to its `NOTIFY`, ms".to_owned(),
        value: median(times),
        beside: ("`GetVolume`", median(asked)),
        budget: VOLUME,
    })
}

/// Time at which the sentence with this number came to Amazon.
async fn arrival(amazon: &FakeAmazon, number: usize) -> anyhow::Result<Instant> {
    let calls = amazon.wait_for(SENTENCES, number + 1).await;
    Ok(calls.get(number).context("no sentence")?.arrived)
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}
