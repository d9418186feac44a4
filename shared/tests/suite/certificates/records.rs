//! Providers of records, over real HTTP.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use ma_alexa::certificates::{
    AddressChange, CertificateServices, Certificates, CommandRecords, DnsRecords as _, DynamicAddress,
    Records,
};
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{CertificateConfig, Env};
use ma_alexa::secrets::FileSecrets;

use super::stand_in::{Providers, TOKEN};

fn services(providers: &Providers, variables: &[(&str, &str)]) -> (CertificateConfig, CertificateServices) {
    let mut all = vec![
        ("DOOR_NAME".to_owned(), "kitchen-1234.duckdns.org".to_owned()),
        ("DOOR_LAN_BIND".to_owned(), "127.0.0.1:0".to_owned()),
        ("DNS_PROVIDER".to_owned(), "duckdns".to_owned()),
        ("DNS_TOKEN".to_owned(), TOKEN.to_owned()),
        ("DNS_ENDPOINT".to_owned(), providers.url()),
    ];
    all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let env = Env::new(move |name| {
        all.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    });
    let config = CertificateConfig::from_env(&env).unwrap().unwrap();
    let store = Arc::new(FileSecrets::new("nowhere"));
    let services =
        CertificateServices::new(&config, store, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    (config, services)
}

fn records(providers: &Providers, variables: &[(&str, &str)]) -> Records {
    services(providers, variables).1.records.unwrap()
}

#[tokio::test]
async fn an_address_is_set_when_it_changed_and_not_else() {
    let providers = Providers::start().await;
    let (config, services) = services(&providers, &[]);
    let address = Certificates::new(config, services).unwrap().dynamic_address().unwrap();
    let parse = |text: &str| text.parse::<IpAddr>().unwrap();
    for (text, change) in [
        ("192.168.1.5", AddressChange::Set),
        ("192.168.1.5", AddressChange::Unchanged),
        ("::ffff:192.168.1.5", AddressChange::Unchanged),
        ("2001:db8::5", AddressChange::Set),
        ("192.168.1.5", AddressChange::Unchanged),
        ("2001:db8::5", AddressChange::Unchanged),
        ("203.0.113.9", AddressChange::Set),
        ("192.168.1.5", AddressChange::Set),
    ] {
        assert_eq!(address.set(parse(text)).await, Ok(change), "{text}");
    }
    assert_eq!(providers.record("A kitchen-1234.duckdns.org").as_deref(), Some("192.168.1.5"));
    assert_eq!(providers.record("AAAA kitchen-1234.duckdns.org").as_deref(), Some("2001:db8::5"));
    assert_eq!(providers.changes().len(), 4);
    // What failed may have been made: it is made again.
    providers.kept.lock().unwrap().refusal = Some((503, "busy"));
    assert!(address.set(parse("203.0.113.9")).await.is_err());
    providers.kept.lock().unwrap().refusal = None;
    assert_eq!(address.set(parse("192.168.1.5")).await, Ok(AddressChange::Set));
}

#[tokio::test]
async fn desec_finds_the_domain_of_a_name() {
    let providers = Providers::start().await;
    let desec = [("DNS_PROVIDER", "desec"), ("DOOR_NAME", "kitchen.home.dedyn.io")];
    let provider = records(&providers, &desec).provider;
    let own = DynamicAddress::new(Arc::clone(&provider), "home.dedyn.io".to_owned());
    assert_eq!(own.set("203.0.113.9".parse().unwrap()).await, Ok(AddressChange::Set));
    provider.set_address("a.b.home.dedyn.io", "2001:db8::5".parse().unwrap()).await.unwrap();
    provider.set_txt("_acme-challenge.home.dedyn.io", "value").await.unwrap();
    provider.remove_txt("_acme-challenge.home.dedyn.io", "value").await.unwrap();
    assert_eq!(
        providers.changes(),
        [
            "set A home.dedyn.io",
            "set AAAA a.b.home.dedyn.io",
            "set TXT _acme-challenge.home.dedyn.io",
            "clear TXT _acme-challenge.home.dedyn.io"
        ]
    );
    let error = provider.set_txt("_acme-challenge.example.com", "value").await.unwrap_err();
    assert!(error.to_string().contains("no domain"), "{error}");
}

#[tokio::test]
async fn a_refusal_is_named_and_holds_no_token() {
    let providers = Providers::start().await;
    let wrong = "wrong-token-of-a-stranger";
    let desec = [("DNS_PROVIDER", "desec"), ("DOOR_NAME", "kitchen.home.dedyn.io")];
    for (variables, refusal, named) in [
        (vec![("DNS_TOKEN", wrong)], None, "DNS_TOKEN"),
        (vec![("DNS_TOKEN", wrong), desec[0], desec[1]], None, "DNS_TOKEN"),
        (vec![], Some((500, "<html>")), "500"),
        (vec![], Some((200, "maybe")), "neither"),
        (desec.to_vec(), Some((429, "slow down")), "no more changes"),
        (desec.to_vec(), Some((302, "")), "302"),
        (vec![("DNS_ENDPOINT", "http://127.0.0.1:1")], None, "not reached"),
        (vec![("DNS_ENDPOINT", "http://127.0.0.1:1"), desec[0], desec[1]], None, "not reached"),
    ] {
        providers.kept.lock().unwrap().refusal = refusal;
        let provider = records(&providers, &variables).provider;
        let name = if variables.contains(&desec[0]) { desec[1].1 } else { "kitchen-1234.duckdns.org" };
        let error = provider.set_txt(&format!("_acme-challenge.{name}"), "value").await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(named), "{text}");
        assert!(!text.contains(wrong) && !text.contains(TOKEN), "{text}");
        let is_throttle = refusal.is_some_and(|(status, _)| status == 429);
        assert_eq!(error.retry_after, is_throttle.then(|| Duration::from_mins(2)));
        let shown = format!("{provider:?}");
        assert!(!shown.contains(wrong) && !shown.contains(TOKEN), "{shown}");
    }
    assert!(providers.changes().is_empty());
}

#[tokio::test]
async fn a_resolver_shows_what_is_there_and_what_is_not() {
    let providers = Providers::start().await;
    let found = records(&providers, &[]);
    let name = "_acme-challenge.kitchen-1234.duckdns.org";
    assert_eq!(found.lookup.shows(name, "value").await, Ok(false));
    found.provider.set_txt(name, "value").await.unwrap();
    assert_eq!(found.lookup.shows(name, "value").await, Ok(true));
    assert_eq!(found.lookup.shows(name, "valu").await, Ok(false));
    let nowhere = records(&providers, &[("DNS_ENDPOINT", "http://127.0.0.1:1")]);
    assert!(nowhere.lookup.shows(name, "value").await.unwrap_err().to_string().contains("no resolver"));
}

#[tokio::test]
async fn a_program_gets_name_and_value_and_no_shell_and_may_talk() {
    let folder = tempfile::tempdir().unwrap();
    let (program, called) = (folder.path().join("dns-record"), folder.path().join("called"));
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = remove-txt ]; then echo \"no such record\" >&2; exit 3; fi\n\
         head -c 300000 /dev/zero >&2 && printf '%s|' \"$@\" >> {}\n",
        called.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let records = CommandRecords::new(program);
    records.set_txt("_acme-challenge.a.example", "-value; $(id)").await.unwrap();
    records.set_address("a.example", "192.168.1.5".parse().unwrap()).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(&called).unwrap(),
        "set-txt|_acme-challenge.a.example|-value; $(id)|set-address|a.example|192.168.1.5|"
    );
    let error = records.remove_txt("_acme-challenge.a.example", "value").await.unwrap_err().to_string();
    assert!(error.contains("no such record") && error.contains("DNS_COMMAND"), "{error}");
    let missing = CommandRecords::new(folder.path().join("missing"));
    let error = missing.set_txt("a.example", "value").await.unwrap_err().to_string();
    assert!(error.contains("cannot be run"), "{error}");
}
