//! What the deployed functions cost: the real bootstraps under a small Lambda, before a DynamoDB behind TLS that gives
//! the answers of an emulator.
//!
//!     bench-deployed FOLDER
//!
//! The folder has the functions and `floor` as they are deployed, and an archive of each beside it; `tests/bench`
//! makes it. What is printed is added to the file that `BENCH_OUT` names, too. The figures of a
//! machine say little about another: the budgets are ratios to the floor, a bare function with the same calls, measured
//! in turn with the others, and amounts that leave room. A budget that is missed fails the run, and so does an answer
//! or a call that is not as it should be.

mod dynamo;
mod lambda;
mod measure;
mod report;
mod work;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use end_to_end::measured;
use end_to_end::recorded::Recording;
use ma_alexa::clock::{Clock as _, SystemClock};

use crate::dynamo::Dynamo;
use crate::measure::{Measured, Sample};
use crate::report::{Budget, megabytes, millis};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder] = &arguments[..] else { anyhow::bail!("usage: bench-deployed FOLDER") };
    let folder = fs::canonicalize(folder).with_context(|| folder.clone())?;
    let dynamo = Dynamo::start(Recording::recorded(SystemClock.now())?)?;
    let kept = tempfile::tempdir()?;
    let root = kept.path().join("root.pem");
    fs::write(&root, dynamo.root())?;
    let works = work::all(&dynamo, &root)?;

    print(&format!("{}\n", measured::describe()))?;
    let measured = measure::rounds(&works, &folder, &dynamo)?;
    print(&report::figures(&measured))?;
    print(&report::sizes(&folder))?;
    let delayed = measure::delayed([&works[0], &works[1]], &folder, &dynamo)?;
    let [skill, floor] = delayed.map(|times| millis(times[times.len() / 2]));
    print(&format!(
        "A warm Play before a DynamoDB that takes 5 ms: {skill:.2} ms; the floor: {floor:.2} ms.\n"
    ))?;
    let budgets = budgets(&measured, skill / floor, &folder)?;
    print(&report::budgets(&budgets))?;
    let missed = budgets.iter().filter(|budget| !budget.is_kept());
    let missed: Vec<&str> = missed.map(|budget| budget.name.as_str()).collect();
    ensure!(missed.is_empty(), "missed: {}", missed.join(", "));
    Ok(())
}

fn budgets(measured: &[Measured], delayed: f64, folder: &Path) -> anyhow::Result<Vec<Budget>> {
    let [skill, floor, ..] = measured else { anyhow::bail!("nothing was measured") };
    let of_floor = |name: &str, limit, figure: fn(&Sample) -> f64| {
        let figure = skill.quiet_ratio(floor, figure);
        Budget { name: format!("`skill` on Play : floor, {name}"), figure, limit }
    };
    let archive = |function: &str, limit| -> anyhow::Result<Budget> {
        let file = folder.join(format!("{function}.zip"));
        let size = fs::metadata(&file).with_context(|| file.display().to_string())?.len();
        Ok(Budget { name: format!("archive of `{function}`, MB"), figure: megabytes(size), limit })
    };
    Ok(vec![
        of_floor("warm CPU", 1.25, |sample| millis(sample.warm_processor)),
        of_floor("cold CPU", 1.4, |sample| millis(sample.cold_processor)),
        of_floor("peak memory", 1.48, |sample| megabytes(sample.peak_memory)),
        Budget {
            name: "`skill` on Play : floor, p50 where DynamoDB takes 5 ms".to_owned(),
            figure: delayed,
            limit: 1.2,
        },
        Budget {
            name: "`skill` on Play, first invocation's CPU ms".to_owned(),
            figure: skill.median(|sample| millis(sample.first_processor)),
            limit: 5.0,
        },
        Budget {
            name: "`skill` on Play, peak MB".to_owned(),
            figure: skill.median(|sample| megabytes(sample.peak_memory)),
            limit: 10.5,
        },
        archive("skill", 3.6)?,
        archive("api", 7.05)?,
        archive("token-refresh", 3.6)?,
    ])
}

fn print(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    if let Some(file) = std::env::var_os("BENCH_OUT") {
        writeln!(File::options().append(true).create(true).open(file)?, "{text}")?;
    }
    Ok(())
}
