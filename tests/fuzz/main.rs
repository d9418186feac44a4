//! Runs the target that `FUZZ_TARGET` names, on inputs that libFuzzer makes.
#![no_main]

#[expect(unreachable_pub, reason = "public for the suite")]
mod targets;

#[path = "../../shared/tests/suite/skill/rules.rs"]
mod rules;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

fn target() -> targets::Target {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = targets::TARGETS.into_iter().find(|(known, _)| *known == name);
    found.map_or_else(|| panic!("FUZZ_TARGET is `{name}`, and no target"), |(_, target)| target)
}

fuzz_target!(|data: &[u8]| {
    static TARGET: OnceLock<targets::Target> = OnceLock::new();
    TARGET.get_or_init(target)(data);
});
