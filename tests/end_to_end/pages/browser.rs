//! A browser that is logged in.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::io::Read as _;

use end_to_end::api::{Api, OWNER};
use flate2::read::GzDecoder;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use url::form_urlencoded::Serializer;

/// Sends forms of our pages, by their script: what is said of them comes back at once.
pub(crate) struct Browser<'a> {
    api: &'a Api,
    session: String,
    token: String,
    language: &'static str,
}

fn after<'a>(text: &'a str, before: &str) -> &'a str {
    text.split(before).nth(1).unwrap().split(['"', ';']).next().unwrap()
}

fn cookies(response: &Response) -> Vec<String> {
    let all = response.headers().get_all("set-cookie").iter();
    all.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(body)
}

impl<'a> Browser<'a> {
    pub(crate) async fn logged_in(api: &'a Api, language: &'static str) -> Self {
        Self::logged_in_as(api, language, OWNER).await
    }

    /// One that is logged in with this user name and password.
    pub(crate) async fn logged_in_as(api: &'a Api, language: &'static str, owner: (&str, &str)) -> Self {
        let opened = api.request(Method::GET, "/login").send().await.unwrap();
        let cookie = cookies(&opened).remove(0);
        let page = opened.text().await.unwrap();
        let token = after(&page, "name=\"csrf\" value=\"");
        let fields = [("csrf", token), ("username", owner.0), ("password", owner.1), ("next", "/devices")];
        // The client of the API follows redirects, which would lose the cookie.
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let request = form(api.request(Method::POST, "/login").header("cookie", cookie), &fields);
        let sent = client.execute(request.build().unwrap()).await.unwrap();
        assert_eq!(sent.status(), 303);
        let session =
            cookies(&sent).into_iter().find(|cookie| cookie.starts_with("ma-alexa-session=")).unwrap();
        let mut browser = Self { api, session, token: String::new(), language };
        let page = browser.get("/devices").await;
        after(&page, "data-csrf=\"").clone_into(&mut browser.token);
        browser
    }

    /// A page, which has to be there.
    pub(crate) async fn get(&self, path: &str) -> String {
        let request = self.api.request(Method::GET, path).header("cookie", &self.session);
        let response = request.header("accept-language", self.language).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }

    /// The bytes of an answer as they are sent to a browser, and its text.
    pub(crate) async fn sent(&self, path: &str) -> (usize, String) {
        let request = self.api.request(Method::GET, path).header("cookie", &self.session);
        let response = request.header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let is_compressed = response.headers().contains_key("content-encoding");
        let bytes = response.bytes().await.unwrap();
        let mut text = String::new();
        if is_compressed {
            GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        (bytes.len(), text)
    }

    /// The page that a form leads to where no script runs, with what is said of it.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let with_token = [fields, &[("csrf", &self.token)]].concat();
        let request = self.api.request(Method::POST, path).header("cookie", &self.session);
        let sent = client.execute(form(request, &with_token).build().unwrap()).await.unwrap();
        assert_eq!(sent.status(), 303, "{path}");
        let place = sent.headers()["location"].to_str().unwrap().to_owned();
        let cookies = [vec![self.session.clone()], cookies(&sent)].concat().join("; ");
        let next = self.api.request(Method::GET, place.split('#').next().unwrap()).header("cookie", cookies);
        next.header("accept-language", self.language).send().await.unwrap().text().await.unwrap()
    }

    /// What is said of a form.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let request = self
            .api
            .request(Method::POST, path)
            .header("cookie", &self.session)
            .header("accept-language", self.language)
            .header("x-fetch", "1")
            .header("x-csrf-token", &self.token);
        let response = form(request, fields).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }
}
