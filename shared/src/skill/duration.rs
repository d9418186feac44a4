//! A time that a person said, such as half an hour.

/// Longest time of a sleep timer, in seconds: a day.
pub(super) const LONGEST_TIME: u32 = 24 * 60 * 60;

/// The seconds of an ISO 8601 duration such as `PT1H30M`, as `AMAZON.DURATION` arrives.
pub(super) fn duration(text: &str) -> Option<u32> {
    const DATE: [(char, u32); 2] = [('W', 7 * 24 * 60 * 60), ('D', 24 * 60 * 60)];
    const TIME: [(char, u32); 3] = [('H', 60 * 60), ('M', 60), ('S', 1)];
    let text = text.trim().strip_prefix('P')?;
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    units(date, &DATE)?.checked_add(units(time, &TIME)?)
}

/// The sum of amounts such as `1H30M`, whose units come in their order.
fn units(mut text: &str, known: &[(char, u32)]) -> Option<u32> {
    let mut total: u32 = 0;
    for (unit, seconds) in known {
        if let Some((amount, rest)) = text.split_once(*unit) {
            let is_number = !amount.is_empty() && amount.bytes().all(|digit| digit.is_ascii_digit());
            let amount: u32 = is_number.then(|| amount.parse().ok())??;
            total = total.checked_add(amount.checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::duration;

    #[test]
    fn a_time_is_read_or_none() {
        for (text, expected) in [
            ("PT30M", 1800),
            ("PT1H30M", 5400),
            ("PT90S", 90),
            ("PT1H0M5S", 3605),
            ("P", 0),
            ("PT", 0),
            ("PT0S", 0),
            ("P1D", 86400),
            ("PT24H", 86400),
            ("P1DT1S", 86401),
            ("PT25H", 90000),
            ("P1W", 604_800),
            ("P0DT2H", 7200),
        ] {
            assert_eq!(duration(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "30",
            "PT30",
            "T30M",
            "PTM",
            "PT-5M",
            "PT1.5H",
            "P1Y",
            "P1M",
            "PT5M1H",
            "PT9999999999H",
            "?",
            "pt30m",
            "PT30Mx",
            "PT1M1M",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_time_is_its_parts(hours in 0_u32..24, minutes in 0_u32..60, seconds in 0_u32..60) {
            let total = hours * 3600 + minutes * 60 + seconds;
            let text = format!("PT{hours}H{minutes}M{seconds}S");
            prop_assert_eq!(duration(&text), Some(total));
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "P?[0-9WDTHMSYP.?-]{0,14}|.{0,20}") {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            prop_assert!(duration(&text).is_none_or(|seconds| seconds == 0 || digits > 0));
        }
    }
}
