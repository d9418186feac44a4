//! Every problem of every address.

use end_to_end::internet::{Behavior, Port, Shown, Site};

use super::super::harness::Harness;
use super::super::sites::{API, ART, DOOR, ENDPOINT, MA, MUSIC};
use super::check;

/// The addresses: the beginning of the codes, the host and the variable.
const PLACES: [(&str, &str, &str); 6] = [
    ("stream", MUSIC, "STREAM_BASE_URL"),
    ("art", ART, "ART_BASE_URL"),
    ("door", DOOR, "DOOR_URL"),
    ("api", API, "API_URL"),
    ("endpoint", ENDPOINT, "SKILL_ENDPOINT"),
    ("ma-api", MA, "MA_API_URL"),
];

type Spoil = fn(&mut Site);

/// The problem, and the change of the site that causes it; none where the name is removed.
const TROUBLES: [(&str, Option<Spoil>); 14] = [
    ("name-unknown", None),
    ("private-address", Some(|site| site.leads_to = Some([169, 254, 169, 254].into()))),
    ("port-closed", Some(|site| site.port = Port::Closed)),
    ("timeout", Some(|site| site.port = Port::Silent)),
    ("certificate-expired", Some(|site| site.certificate = Shown::Expired)),
    ("certificate-not-yet-valid", Some(|site| site.certificate = Shown::NotYetValid)),
    ("certificate-wrong-name", Some(|site| site.certificate = Shown::WrongName)),
    ("certificate-untrusted", Some(|site| site.certificate = Shown::WithoutChain)),
    ("certificate-refused", Some(|site| site.certificate = Shown::ForClients)),
    ("tls", Some(|site| site.certificate = Shown::None)),
    ("no-http", Some(|site| site.port = Port::Babbles)),
    ("redirects", Some(|site| site.behavior = Behavior::Redirects("https://login.example.com".to_owned()))),
    ("bot-challenge", Some(|site| site.behavior = Behavior::Challenges)),
    ("unreachable-upstream", Some(|site| site.behavior = Behavior::Answers(502))),
];

pub(super) fn codes() -> impl Iterator<Item = String> {
    PLACES.into_iter().flat_map(|(place, ..)| TROUBLES.map(|(trouble, _)| format!("{place}-{trouble}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_every_address() {
    let (direct, through_door) = (Harness::healthy().await, Harness::with_door().await);
    for (place, host, setting) in PLACES {
        let harness = if host == DOOR { &through_door } else { &direct };
        for (trouble, spoil) in TROUBLES {
            match spoil {
                Some(spoil) => harness.internet.change(host, spoil),
                None => harness.internet.remove(host),
            }
            let found = harness.check().await;
            let code = format!("{place}-{trouble}");
            let remedy = if trouble == "certificate-not-yet-valid" { "clock" } else { host };
            check(&found, &[&code], remedy);
            let finding = found.findings().find(|finding| finding.code == code).unwrap();
            assert_eq!(
                (finding.details["host"].as_str(), finding.details["setting"].as_str()),
                (host, setting)
            );
            harness.internet.put(host, harness.site(host));
        }
    }
    assert!(direct.check().await.is_healthy() && through_door.check().await.is_healthy());
}

// Without a challenge in its headers it is known by who answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_known_without_saying_so() {
    use end_to_end::internet::Reply;
    let harness = Harness::healthy().await;
    for (status, is_challenge) in [(403, true), (503, true), (404, false)] {
        harness.internet.change(MUSIC, |site| {
            site.behavior = Behavior::does(move |_| {
                Reply::new(status, "text/html; charset=UTF-8", "<html>").with("server", "cloudflare")
            });
        });
        let found = harness.complaints().await;
        assert_eq!(found == ["stream-bot-challenge"], is_challenge, "{status}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_within_the_endpoint_is_its_own_affair() {
    let harness = Harness::healthy().await;
    let home = format!("https://{ENDPOINT}/status");
    harness.internet.change(ENDPOINT, |site| site.behavior = Behavior::Redirects(home));
    assert!(harness.check().await.is_healthy());
}
