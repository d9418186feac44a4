//! Rounds in which every kind of request has its turn, so that what the machine does meanwhile falls on all of them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::dynamo::Dynamo;
use crate::lambda::Lambda;
use crate::work::Work;

/// How many rounds there are; in each, every function starts again.
const ROUNDS: usize = 21;

/// How often a function is invoked before its warm invocations are measured.
const WARM_UP: usize = 20;

/// How many warm invocations are measured in a round.
const WARM: u32 = 100;

/// How long DynamoDB takes where it is said to take its time.
const DELAY: Duration = Duration::from_millis(5);

/// How many blocks of how many invocations are measured then, in turn.
const DELAYED: (usize, usize) = (10, 20);

/// One start of a function, and what followed.
pub(crate) struct Sample {
    /// From the start of the process to the first answer, but for the time between the two.
    pub(crate) cold: Duration,
    /// The processor's part of it.
    pub(crate) cold_processor: Duration,
    /// The part of the first invocation in that.
    pub(crate) first_processor: Duration,
    /// Of each warm invocation.
    pub(crate) times: Vec<Duration>,
    /// On average of the warm invocations.
    pub(crate) warm_processor: Duration,
    /// In bytes.
    pub(crate) peak_memory: u64,
}

/// All samples of one kind of request.
pub(crate) struct Measured {
    pub(crate) function: &'static str,
    pub(crate) name: &'static str,
    pub(crate) samples: Vec<Sample>,
}

/// Measures everything over the binaries in `folder`.
pub(crate) fn rounds(works: &[Work], folder: &Path, dynamo: &Dynamo) -> anyhow::Result<Vec<Measured>> {
    let of = |work: &Work| Measured { function: work.function, name: work.name, samples: Vec::new() };
    let mut measured: Vec<Measured> = works.iter().map(of).collect();
    // The first round brings the binaries into memory and does not count.
    for round in 0..=ROUNDS {
        // There and back, so that none always follows the same one.
        let mut turns: Vec<_> = works.iter().zip(&mut measured).collect();
        if round % 2 == 0 {
            turns.reverse();
        }
        for (work, measured) in turns {
            let sample = sample(work, folder, dynamo)
                // What was refused says more than what came of it.
                .map_err(|error| dynamo.take_calls().err().unwrap_or(error))
                .with_context(|| format!("{}, {}", work.function, work.name))?;
            if round > 0 {
                measured.samples.push(sample);
            }
        }
    }
    Ok(measured)
}

fn sample(work: &Work, folder: &Path, dynamo: &Dynamo) -> anyhow::Result<Sample> {
    let mut lambda = Lambda::start(&folder.join(work.function), &work.variables)?;
    let started = lambda.processor_time()?;
    let first = invoke(&mut lambda, work)?;
    let cold_processor = lambda.processor_time()?;
    for _ in 0..WARM_UP {
        invoke(&mut lambda, work)?;
    }
    dynamo.take_calls()?;
    let before = lambda.processor_time()?;
    let times: Result<Vec<_>, _> = (0..WARM).map(|_| invoke(&mut lambda, work)).collect();
    let warm_processor = lambda.processor_time()?.saturating_sub(before) / WARM;
    let mut expected: Vec<&str> = (0..WARM).flat_map(|_| work.calls.iter().copied()).collect();
    expected.sort_unstable();
    let calls = dynamo.take_calls()?;
    ensure!(
        calls == expected,
        "{} calls, which are not {WARM} times {:?}: {calls:?}",
        calls.len(),
        work.calls
    );
    Ok(Sample {
        cold: lambda.init + first,
        cold_processor,
        first_processor: cold_processor.saturating_sub(started),
        times: times?,
        warm_processor,
        peak_memory: lambda.peak_memory()?,
    })
}

fn invoke(lambda: &mut Lambda, work: &Work) -> anyhow::Result<Duration> {
    let (answer, took) = lambda.invoke(&work.event)?;
    let answer = String::from_utf8_lossy(&answer);
    ensure!(answer.contains(work.expected), "answered {answer}");
    Ok(took)
}

/// The times of warm invocations of each of `works` with a DynamoDB that takes its time, in ascending order.
pub(crate) fn delayed<const N: usize>(
    works: [&Work; N],
    folder: &Path,
    dynamo: &Dynamo,
) -> anyhow::Result<[Vec<Duration>; N]> {
    let mut lambdas = Vec::new();
    for work in works {
        let mut lambda = Lambda::start(&folder.join(work.function), &work.variables)?;
        invoke(&mut lambda, work)?;
        lambdas.push(lambda);
    }
    dynamo.delay(DELAY);
    let mut times = [const { Vec::new() }; N];
    let (blocks, invocations) = DELAYED;
    for _ in 0..blocks {
        for ((work, lambda), times) in works.iter().zip(&mut lambdas).zip(&mut times) {
            for _ in 0..invocations {
                times.push(invoke(lambda, work)?);
            }
        }
    }
    dynamo.delay(Duration::ZERO);
    for times in &mut times {
        times.sort_unstable();
    }
    Ok(times)
}
