//! The kept inputs of each parser of foreign bytes, replayed: what was found once stays found.

use std::fs;
use std::path::Path;

use crate::skill::rules;

#[expect(unreachable_pub, reason = "public for a fuzzer")]
#[path = "../../../tests/fuzz/targets/mod.rs"]
mod targets;

#[test]
fn every_kept_input_leaves_what_has_to_hold() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
    let mut folders: Vec<String> = fs::read_dir(&corpus)
        .unwrap()
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, targets::TARGETS.map(|(name, _)| name), "each target has a corpus");
    for (name, target) in targets::TARGETS {
        let mut inputs = 0;
        for input in fs::read_dir(corpus.join(name)).unwrap() {
            let path = input.unwrap().path();
            let data = fs::read(&path).unwrap();
            let held = std::panic::catch_unwind(|| target(&data));
            assert!(held.is_ok(), "{}", path.display());
            inputs += 1;
        }
        assert!(inputs > 1, "{name}");
    }
}
