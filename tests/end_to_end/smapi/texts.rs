//! Texts of every problem, in every language of the pages.

use ma_alexa::i18n::PageLanguage;

/// Every code of an error or a problem, with the values in its texts.
const CODES: [(&str, &[&str]); 48] = [
    ("not-signed-in", &[]),
    ("sign-in-again", &["reason"]),
    ("profile-id-as-secret", &[]),
    ("profile-id", &[]),
    ("profile-no-secret", &[]),
    ("profile-secret", &[]),
    ("login-not-begun", &[]),
    ("login-expired", &[]),
    ("login-return-unusable", &[]),
    ("login-address-elsewhere", &[]),
    ("login-address-no-state", &[]),
    ("login-address-no-code", &[]),
    ("login-wrong-state", &[]),
    ("login-used", &[]),
    ("login-denied", &[]),
    ("login-refused", &["reason"]),
    ("login-code-refused", &[]),
    ("invalid-client", &[]),
    ("no-vendor", &[]),
    ("no-locale", &[]),
    ("certificate", &["reason"]),
    ("busy", &[]),
    ("gone", &[]),
    ("forbidden", &["reason"]),
    ("not-accepted", &["reason"]),
    ("changed-meanwhile", &[]),
    ("token-refused", &[]),
    ("amazon-unavailable", &["status"]),
    ("amazon-changed", &["reason"]),
    ("overtaken", &[]),
    ("store", &["reason"]),
    ("secrets", &["reason"]),
    ("amazon-certificate", &[]),
    ("no-answer", &["reason"]),
    ("permission-denied", &["reason", "skill"]),
    ("permission-unknown", &["reason"]),
    ("permission-unavailable", &["reason"]),
    ("throttled", &["until"]),
    ("internal", &[]),
    ("create-failed", &["reason", "skill"]),
    ("skill-slow", &[]),
    ("manifest-failed", &["reason"]),
    ("manifest-kept", &[]),
    ("manifest-slow", &[]),
    ("model-slow", &["locale"]),
    ("build-failed", &["locale", "reason"]),
    ("build-slow", &["locale"]),
    ("sentence-elsewhere", &["sentence", "expected", "got", "locale"]),
];

#[test]
fn every_problem_has_its_words_and_its_cure() {
    for language in PageLanguage::all() {
        for (code, details) in CODES {
            let values: Vec<_> = details.iter().map(|name| (*name, "VALUE")).collect();
            for key in [format!("skill-problem-{code}"), format!("skill-remedy-{code}")] {
                assert!(language.has(&key), "{key} is missing in {}", language.tag());
                let text = language.format(&key, &values);
                assert!(!text.contains("{$"), "{key} wants more than there is: {text}");
            }
        }
        let tasks = [
            "vendor",
            "skill",
            "permission",
            "manifest",
            "model",
            "build",
            "testing",
            "remember",
            "sentences",
        ];
        for step in tasks {
            assert!(language.has(&format!("skill-step-{step}")), "{step} in {}", language.tag());
        }
        for state in ["waiting", "running", "done", "unchanged", "failed"] {
            assert!(language.has(&format!("skill-state-{state}")), "{state} in {}", language.tag());
        }
    }
}
