//! The account of one person: devices that were registered, and every key to it that is valid.

use std::collections::HashMap;

use super::asked::Asked;
use super::secret_ledger::{SecretLedger, random_digits};

/// The device type of the app that a client claims to be.
pub const APP_TYPE: &str = "A2IVLV5VM2W81";

/// Id of the person in commands.
pub const CUSTOMER: &str = "A2KIMCUSTOMER0001";

/// Id of the person for shops; of no use in commands.
pub const USER: &str = "amzn1.account.KIMACCOUNT0001";

/// A client that signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// As the client made it up.
    pub serial: String,
    /// As the person sees it in their list of devices.
    pub name: String,
    /// Its key to the account.
    pub refresh_token: String,
    /// Whose account it is: [`CUSTOMER`].
    pub account: String,
}

/// A client of Login with Amazon, and what it needs to speak for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LwaClient {
    /// The id of its security profile.
    pub client_id: String,
    /// The secret of that.
    pub client_secret: String,
    /// Refresh token that the person granted.
    pub refresh_token: String,
}

/// A code that a sign-in ended with.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) text: String,
    /// Id of the client that may use it.
    pub(super) client_id: String,
    pub(super) challenge: String,
}

#[derive(Debug)]
struct Cookie {
    name: String,
    marketplace: String,
    stale: bool,
}

/// The state of the account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) secret_ledger: SecretLedger,
    /// Such as `co.uk`.
    pub(super) marketplace: String,
    /// Those that were not used, and did not expire.
    pub(super) codes: Vec<Code>,
    pub(super) devices: Vec<Registered>,
    /// Access tokens, and the serials that they belong to.
    access: HashMap<String, String>,
    /// Cookies, by value.
    cookies: HashMap<String, Cookie>,
    /// The token of each marketplace.
    csrf: HashMap<String, String>,
    /// Whether the next answer changes that of its marketplace.
    pub(super) rotates_csrf: bool,
    pub(super) lwa: LwaClient,
    /// Those that are valid, oldest first.
    pub(super) lwa_tokens: Vec<String>,
}

impl Account {
    pub(super) fn new() -> Self {
        let mut secret_ledger = SecretLedger::default();
        let lwa = LwaClient {
            client_id: format!("amzn1.application-oa2-client.{}", random_digits(32)),
            client_secret: secret_ledger.make("amzn1.oa2-cs.v1."),
            refresh_token: secret_ledger.make("Atzr|"),
        };
        Self {
            secret_ledger,
            marketplace: "com".to_owned(),
            codes: Vec::new(),
            devices: Vec::new(),
            access: HashMap::new(),
            cookies: HashMap::new(),
            csrf: HashMap::new(),
            rotates_csrf: false,
            lwa_tokens: vec![lwa.refresh_token.clone()],
            lwa,
        }
    }

    /// Registers a client in the place of the one with the same serial.
    pub(super) fn register(&mut self, serial: &str, app_name: &str) -> Registered {
        self.forget(serial);
        let device = Registered {
            serial: serial.to_owned(),
            name: format!("Kim's {app_name}"),
            refresh_token: self.secret_ledger.make("Atnr|"),
            account: CUSTOMER.to_owned(),
        };
        self.devices.push(device.clone());
        device
    }

    /// Ends the registration of a client, with its tokens.
    pub(super) fn forget(&mut self, serial: &str) {
        self.devices.retain(|device| device.serial != serial);
        self.access.retain(|_, owner| owner != serial);
    }

    /// Ends every registration, and all that came from one.
    pub(super) fn revoke(&mut self) {
        self.devices.clear();
        self.access.clear();
        self.expire_cookies();
    }

    pub(super) fn device_of_refresh_token(&self, token: &str) -> Option<&Registered> {
        self.devices.iter().find(|device| device.refresh_token == token)
    }

    pub(super) fn mint_access_token(&mut self, serial: &str) -> String {
        let token = self.secret_ledger.make("Atna|");
        self.access.insert(token.clone(), serial.to_owned());
        token
    }

    /// The serial of the client whose valid access token this is.
    pub(super) fn serial_of_access_token(&self, token: &str) -> Option<&str> {
        self.access.get(token).map(String::as_str)
    }

    pub(super) fn expire_access_tokens(&mut self) {
        self.access.clear();
    }

    /// New session cookies for a marketplace, as names and values.
    pub(super) fn mint_cookies(&mut self, marketplace: &str) -> Vec<(String, String)> {
        let suffix = match marketplace.rsplit('.').next() {
            None | Some("com") => "main".to_owned(),
            Some(country) => format!("acb{country}"),
        };
        let digits = |secret_ledger: &mut SecretLedger| secret_ledger.make_digits("", 20);
        let cookies = [
            ("session-id".to_owned(), digits(&mut self.secret_ledger)),
            ("session-id-time".to_owned(), digits(&mut self.secret_ledger)),
            ("session-token".to_owned(), self.secret_ledger.make("")),
            (format!("ubid-{suffix}"), digits(&mut self.secret_ledger)),
            (format!("x-{suffix}"), self.secret_ledger.make("")),
            (format!("at-{suffix}"), self.secret_ledger.make("Atza|")),
            (format!("sess-at-{suffix}"), self.secret_ledger.make("")),
        ];
        for (name, value) in &cookies {
            let cookie = Cookie { name: name.clone(), marketplace: marketplace.to_owned(), stale: false };
            self.cookies.insert(value.clone(), cookie);
        }
        cookies.into()
    }

    pub(super) fn expire_cookies(&mut self) {
        self.cookies.values_mut().for_each(|cookie| cookie.stale = true);
        self.csrf.clear();
    }

    /// Whether a request carries a session of this marketplace that is not stale.
    pub(super) fn is_signed_in(&self, asked: &Asked, marketplace: &str) -> bool {
        let valid = asked.cookies().into_iter().filter(|(name, value)| {
            let known = self.cookies.get(*value);
            known.is_some_and(|cookie| {
                !cookie.stale && cookie.name == *name && cookie.marketplace == marketplace
            })
        });
        let names: Vec<_> = valid.map(|(name, _)| name).collect();
        let has = |part: &str| names.iter().any(|name| name.starts_with(part));
        names.contains(&"session-id") && ["ubid-", "x-", "at-"].into_iter().all(has)
    }

    /// The marketplace of a cookie in a request that is not `marketplace`.
    pub(super) fn foreign_cookie(&self, asked: &Asked, marketplace: &str) -> Option<&str> {
        let mut known = asked.cookies().into_iter().filter_map(|(_, value)| self.cookies.get(value));
        known.find(|cookie| cookie.marketplace != marketplace).map(|cookie| cookie.marketplace.as_str())
    }

    /// The csrf token of a marketplace.
    pub(super) fn csrf(&mut self, marketplace: &str) -> String {
        if let Some(token) = self.csrf.get(marketplace) {
            return token.clone();
        }
        let token = self.secret_ledger.make_digits("-", 15);
        self.csrf.insert(marketplace.to_owned(), token.clone());
        token
    }

    /// Gives a marketplace a new one.
    pub(super) fn rotate_csrf(&mut self, marketplace: &str) {
        self.csrf.remove(marketplace);
    }

    /// Whether a request carries the csrf token of a marketplace, as a header and as a cookie.
    pub(super) fn is_csrf_proof(&self, asked: &Asked, marketplace: &str) -> bool {
        let token = self.csrf.get(marketplace).map(String::as_str);
        token.is_some() && asked.cookie("csrf") == token && Some(asked.header("csrf")) == token
    }
}
