//! What a browser does: keeps cookies, sends forms, and follows nothing by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};

use crate::api::harness::{App, OWNER};

pub(super) struct Browser<'a> {
    pub(super) app: &'a App,
    client: Client,
    /// Sent with every request.
    headers: Vec<(&'static str, String)>,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The whole header of the cookie with this name.
    pub(super) fn set_cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        all.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
    }

    /// The value of the first hidden field with this name.
    pub(super) fn hidden(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split('"').next()?.to_owned())
    }
}

impl<'a> Browser<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { app, client, headers: Vec::new(), cookies: Mutex::default() }
    }

    /// One that sends this header with every request.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// One that is logged in.
    pub(super) async fn logged_in(app: &'a App) -> Self {
        let browser = Self::new(app);
        browser.log_in().await;
        browser
    }

    pub(super) async fn log_in(&self) {
        let seen = self.log_in_as(OWNER, "").await;
        assert_eq!((seen.status, seen.header("location")), (303, "/"), "{}", seen.text);
    }

    pub(super) async fn log_in_as(&self, pair: (&str, &str), next: &str) -> Seen {
        let form = self.get("/login").await;
        let token = form.hidden("csrf").unwrap_or_default();
        self.post("/login", &[("csrf", &token), ("username", pair.0), ("password", pair.1), ("next", next)])
            .await
    }

    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub(super) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.app.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let cookies = self.cookies.lock().unwrap();
        if !cookies.is_empty() {
            let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Seen {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        self.keep(&headers);
        Seen { status, headers, text: response.text().await.unwrap() }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(super) async fn get(&self, path: &str) -> Seen {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends these fields and no others.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        self.send(form(self.request(Method::POST, path), fields)).await
    }

    /// The token of this session's forms.
    pub(super) async fn token(&self) -> String {
        self.get("/no/such/page").await.hidden("csrf").unwrap()
    }

    /// Sends a form as our pages do.
    pub(super) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token().await;
        let fields: Vec<(&str, &str)> =
            [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post(path, &fields).await
    }
}

/// The request with this form.
pub(super) fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}
