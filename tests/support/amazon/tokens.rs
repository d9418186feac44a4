//! Registration and its end, tokens and cookies.

use serde_json::{Value, json};

use super::account::{APP_TYPE, Account, USER};
use super::asked::Asked;
use super::host::region;
use super::page::{self, Page};
use super::quirks::Quirks;
use super::sign_in::{challenge, client_id};

/// `POST /auth/register`: a code for the keys of a new device.
pub(super) fn register(account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    if let Err(problem) = check_registration(&asked.body) {
        return refusal("InvalidValue", &problem);
    }
    let (auth, data) = (&asked.body["auth_data"], &asked.body["registration_data"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, verifier) = (text(&auth["authorization_code"]), text(&auth["code_verifier"]));
    let position = account.codes.iter().position(|known| known.text == code);
    // A code that was shown once is of no use again, even for the same client.
    let Some(known) = position.map(|position| account.codes.remove(position)) else {
        return refusal("InvalidToken", "auth time expired");
    };
    if known.client_id != text(&auth["client_id"]) || known.challenge != challenge(&verifier) {
        return refusal("InvalidToken", "the code is not for this client");
    }
    let (serial, app_name) = (text(&data["device_serial"]), text(&data["app_name"]));
    page::json(200, &registered(account, quirks, &serial, &app_name))
}

fn registered(account: &mut Account, quirks: &Quirks, serial: &str, app_name: &str) -> Value {
    let device = account.register(serial, app_name);
    let access_token = account.mint_access_token(serial);
    let cookies = account.mint_cookies("com");
    let key = account.secret_ledger.make("MII");
    let adp =
        ["enc", "key", "iv", "name"].map(|part| format!("{{{part}:{}}}", account.secret_ledger.make("")));
    let adp = account.secret_ledger.keep(format!("{}{{serial:Mg==}}", adp.concat()));
    let home_region = region(&account.marketplace).map_or("NA", |region| region.name);
    json!({"response": {"success": {
        "tokens": {
            "bearer": {
                "access_token": access_token,
                "refresh_token": device.refresh_token,
                "expires_in": quirks.expires_in.to_string(),
            },
            "mac_dms": {"adp_token": adp, "device_private_key": key},
            "website_cookies": written(&cookies, quirks, "true"),
        },
        "extensions": {
            "device_info": {
                "device_name": device.name, "device_serial_number": serial, "device_type": APP_TYPE,
            },
            "customer_info": {
                "account_pool": "Amazon", "user_id": USER, "home_region": home_region,
                "name": "Kim Müller", "given_name": "Kim",
            },
        },
    }}})
}

fn check_registration(body: &Value) -> Result<(), String> {
    let fixed = [
        ("/cookies/domain", ".amazon.com"),
        ("/registration_data/domain", "Device"),
        ("/registration_data/device_type", APP_TYPE),
        ("/registration_data/device_model", "iPhone"),
        ("/auth_data/code_algorithm", "SHA-256"),
        ("/auth_data/client_domain", "DeviceLegacy"),
    ];
    let filled = [
        "/registration_data/app_version",
        "/registration_data/device_name",
        "/registration_data/os_version",
        "/registration_data/app_name",
        "/registration_data/software_version",
        "/auth_data/authorization_code",
        "/auth_data/code_verifier",
        "/user_context_map/frc",
    ];
    let lists: [(&str, &[&str]); 3] = [
        ("/cookies/website_cookies", &[]),
        ("/requested_extensions", &["device_info", "customer_info"]),
        ("/requested_token_type", &["bearer", "mac_dms", "website_cookies"]),
    ];
    let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    for (path, value) in fixed {
        (text(path) == value).then_some(()).ok_or_else(|| format!("{path} is not {value}"))?;
    }
    for path in filled {
        (!text(path).is_empty()).then_some(()).ok_or_else(|| format!("{path} is missing"))?;
    }
    for (path, values) in lists {
        let list = body.pointer(path).and_then(Value::as_array);
        let complete = list.is_some_and(|list| values.iter().all(|value| list.contains(&json!(value))));
        complete.then_some(()).ok_or_else(|| format!("{path} is incomplete"))?;
    }
    let serial = text("/registration_data/device_serial");
    let hexadecimal = serial.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    let right = serial.len() == 32 && hexadecimal && text("/auth_data/client_id") == client_id(serial);
    right.then_some(()).ok_or_else(|| "serial and client_id do not fit".to_owned())
}

fn refusal(code: &str, message: &str) -> Page {
    page::json(400, &json!({"response": {"error": {"code": code, "message": message}}}))
}

/// `POST /auth/token`: a refresh token for an access token.
pub(super) fn token(account: &mut Account, quirks: &Quirks, asked: &Asked) -> Page {
    if let Some(problem) = problem_of_exchange(asked, "access_token") {
        return oauth_error(400, "invalid_request", &problem);
    }
    let Some(device) = account.device_of_refresh_token(asked.field("source_token")) else {
        return oauth_error(400, quirks.revoked_as, "the token is not valid");
    };
    let serial = device.serial.clone();
    let token = account.mint_access_token(&serial);
    page::json(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": quirks.expires_in}))
}

/// `POST /ap/exchangetoken/cookies`: a refresh token for the cookies of a marketplace.
pub(super) fn cookies(account: &mut Account, quirks: &Quirks, asked: &Asked, marketplace: &str) -> Page {
    let domain = format!(".amazon.{marketplace}");
    let foreign = account.foreign_cookie(asked, marketplace);
    let problem = problem_of_exchange(asked, "auth_cookies")
        .or_else(|| (asked.field("domain") != domain).then(|| format!("domain is not {domain}")))
        .or_else(|| foreign.map(|other| format!("the cookies of {other} interfere")));
    if let Some(problem) = problem {
        return refusal("InvalidValue", &problem);
    }
    if account.device_of_refresh_token(asked.field("source_token")).is_none() {
        return refusal("InvalidToken", "the token is not valid");
    }
    if quirks.withholds_cookies {
        return page::json(200, &json!({"response": {"tokens": {"cookies": {}}}}));
    }
    let cookies = written(&account.mint_cookies(marketplace), quirks, true);
    page::json(200, &json!({"response": {"tokens": {"cookies": {domain: cookies}}}}))
}

/// Problem of the fields that all exchanges have.
fn problem_of_exchange(asked: &Asked, wanted: &str) -> Option<String> {
    let filled = ["app_name", "app_version", "source_token", "di.sdk.version", "di.os.version"];
    let fixed = [
        ("source_token_type", "refresh_token"),
        ("requested_token_type", wanted),
        ("di.hw.version", "iPhone"),
        ("di.os.name", "iOS"),
    ];
    let missing = filled.into_iter().find(|name| asked.field(name).is_empty());
    let wrong = fixed.into_iter().find(|(name, value)| asked.field(name) != *value);
    missing.or(wrong.map(|(name, _)| name)).map(|name| format!("{name} is missing or wrong"))
}

fn written(cookies: &[(String, String)], quirks: &Quirks, secure: impl Into<Value>) -> Vec<Value> {
    let secure = secure.into();
    let quote = if quirks.quotes_cookies { "\"" } else { "" };
    let cookie = |(name, value): &(String, String)| {
        json!({
            "Name": name, "Value": format!("{quote}{value}{quote}"), "Path": "/", "Secure": secure,
            "HttpOnly": secure, "Expires": "1 Jan 2037 00:00:00 GMT",
        })
    };
    cookies.iter().map(cookie).collect()
}

pub(super) fn oauth_error(status: u16, error: &str, description: &str) -> Page {
    page::json(status, &json!({"error": error, "error_description": description}))
}

/// `POST /auth/deregister`: ends the registration of the client whose access token it is.
pub(super) fn deregister(account: &mut Account, asked: &Asked) -> Page {
    if asked.body["requested_deregister_type"] != "deregister_device" {
        return refusal("InvalidValue", "requested_deregister_type is missing or wrong");
    }
    let Some(serial) = account.serial_of_access_token(asked.bearer()).map(str::to_owned) else {
        return refusal("InvalidToken", "the token is not valid");
    };
    account.forget(&serial);
    page::json(200, &json!({"response": {"success": {}}}))
}

/// `PUT /v1/devices/@self/capabilities`.
pub(super) fn capabilities(account: &Account, asked: &Asked) -> Page {
    if account.serial_of_access_token(asked.bearer()).is_none() {
        return page::json(403, &json!({"message": "Unable to authenticate the request"}));
    }
    let complete = asked.body["envelopeVersion"] == "20160207"
        && asked.body["legacyFlags"].is_object()
        && asked.body["capabilities"].is_array();
    if complete { page::empty(204) } else { page::json(400, &json!({"message": "not understood"})) }
}
