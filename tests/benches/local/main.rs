//! What `ma-alexa` costs: requests per second, times and processor time over HTTP, and the parts of a request alone.
//!
//! The figures of a machine say little about another, so each stands beside something that was measured in the same
//! run, in turn with it: HTTP beside `GET /healthz`, the signature check beside the RSA in it, what is written beside
//! one page that waits for the disk. A wrong answer fails the run. With the argument
//! `renderers` it measures these instead, with `bridge` the way from AWS to a home, with `voice` how music is found, and
//! holds them to their budgets.
//!
//! The server is this program, started again as a process of its own, so that its processor time is not the client's.
//! It is put together as `ma-alexa` is, logs included (to nowhere), but for the root that it trusts.

mod bridge;
mod client;
mod household;
mod in_process;
mod over_http;
mod renderers;
mod report;
mod server;
mod voice;

use std::path::Path;

use anyhow::{Context as _, ensure};
use end_to_end::measured;
use report::Report;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, folder] = &arguments[..]
        && command == server::COMMAND
    {
        return server::serve(Path::new(folder));
    }
    // On the disk that the build is on: the place for temporary files may be in memory.
    let program = std::env::current_exe()?;
    let folder = tempfile::tempdir_in(program.parent().context("no folder")?)?;
    let mut report = Report::default();
    report.paragraph(&measured::describe());
    let mut holds = true;
    if arguments.get(1).is_some_and(|command| command == "renderers") {
        holds = renderers::measure(folder.path(), &mut report)?;
    } else if arguments.get(1).is_some_and(|command| command == "bridge") {
        holds = bridge::measure(&mut report)?;
    } else if arguments.get(1).is_some_and(|command| command == "voice") {
        holds = voice::measure(&mut report)?;
    } else {
        let state = over_http::measure(folder.path(), &mut report)?;
        in_process::measure(&state, &mut report)?;
    }
    if let Some(file) = std::env::var_os("BENCH_OUT") {
        report.write(Path::new(&file)).with_context(|| format!("BENCH_OUT={}", file.display()))?;
    }
    ensure!(holds, "a figure is beyond its budget");
    Ok(())
}
