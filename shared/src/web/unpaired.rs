//! The Echos that an attempt did not pair, as a message names them.

use crate::i18n::PageLanguage;

/// Most reasons in a message, which a cookie may have to carry.
const REASONS: usize = 4;

/// Most names beside a reason.
const NAMES: usize = 6;

/// A line for each reason, with the names of its Echos before it. Those beyond the limits are counted.
pub(super) fn lines<N: AsRef<str>>(language: PageLanguage, reasons: &[(&str, &[N])]) -> String {
    let (named, left_out) = reasons.split_at(reasons.len().min(REASONS));
    let line = |(reason, names): &(&str, &[N])| {
        let values = [("names", &*limited(language, names)), ("reason", *reason)];
        language.format("devices-not-identified-since", &values)
    };
    let mut lines = vec![String::new()];
    lines.extend(named.iter().map(line));
    let rest: usize = left_out.iter().map(|(_, names)| names.len()).sum();
    if rest > 0 {
        lines.push(language.count("devices-not-identified-rest", rest));
    }
    lines.join("\n")
}

fn limited<N: AsRef<str>>(language: PageLanguage, names: &[N]) -> String {
    let (shown, left_out) = names.split_at(names.len().min(NAMES));
    let shown = shown.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if left_out.is_empty() {
        return shown;
    }
    format!("{shown} {}", language.count("devices-not-identified-others", left_out.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_line_with_its_echos() {
        let english = PageLanguage::english();
        let reasons: [(&str, &[&str]); 2] = [("Slow.", &["Küche", "Bad"]), ("Offline.", &["Büro"])];
        assert_eq!(lines(english, &reasons), "\nKüche, Bad: Slow.\nBüro: Offline.");
        assert_eq!(lines::<&str>(english, &[]), "");
    }

    #[test]
    fn what_is_too_much_for_a_message_is_counted() {
        let english = PageLanguage::english();
        let names: Vec<String> = (1..=8).map(|number| format!("Echo {number}")).collect();
        let of = |names: usize| lines(english, &[("Slow.", &["A"; 9][..names])]);
        assert_eq!(of(6), "\nA, A, A, A, A, A: Slow.");
        assert_eq!(of(7), "\nA, A, A, A, A, A and one more: Slow.");
        let reasons = [("One.", &names[..]), ("Two.", &names[..1]), ("Three.", &names[1..2])];
        let more = [("Four.", &names[2..3]), ("Five.", &names[3..4]), ("Six.", &names[..8])];
        let all = [reasons, more].concat();
        assert_eq!(
            lines(english, &all),
            "\nEcho 1, Echo 2, Echo 3, Echo 4, Echo 5, Echo 6 and 2 more: One.\nEcho 1: Two.\nEcho 2: Three.\n\
             Echo 3: Four.\n9 more are not paired."
        );
        assert!(lines(english, &all[..5]).ends_with("\nOne more is not paired."));
    }
}
