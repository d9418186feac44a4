//! Secrets Manager as its documentation describes it (API reference: `GetSecretValue`, `PutSecretValue`,
//! `UpdateSecretVersionStage`), where an emulator does otherwise: the first version of a secret is the current one
//! whatever was asked, a label is on one version, and a token stands for one content.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::SecretsUrl;
use ma_alexa::secrets::{self, SecretStore};
use ma_alexa::store::Environment;
use serde_json::{Value, json};

use super::contract::{AsyncOverwrite, Place};

/// The one secret `home/amazon`.
#[derive(Clone, Default)]
pub(super) struct FakeManager {
    endpoint: String,
    secret: Arc<Mutex<Secret>>,
}

#[derive(Default)]
pub(super) struct Secret {
    /// Content by version; nothing where there is no such secret.
    pub(super) versions: Option<BTreeMap<String, String>>,
    /// Versions by label.
    pub(super) labels: BTreeMap<String, String>,
    /// What was asked, in order.
    pub(super) asked: Vec<String>,
    /// The operation whose next answer is lost after it was done.
    pub(super) loses: Option<&'static str>,
    /// Whether another writes in that moment, on top of what was done.
    pub(super) is_overtaken_meanwhile: bool,
    /// The operation that is refused, and with which error.
    pub(super) refuses: Option<(&'static str, &'static str)>,
}

impl Secret {
    fn answer(&mut self, operation: &str, input: &Value) -> Result<Value, &'static str> {
        if let Some((_, refusal)) = self.refuses.filter(|(refused, _)| *refused == operation) {
            return Err(refusal);
        }
        let versions = self.versions.as_mut().ok_or("ResourceNotFoundException")?;
        let text = |member: &str| input[member].as_str().map(str::to_owned);
        match operation {
            "GetSecretValue" => {
                let current = self.labels.get("AWSCURRENT").cloned();
                let version = text("VersionId").or(current).ok_or("ResourceNotFoundException")?;
                let content = versions.get(&version).ok_or("ResourceNotFoundException")?.clone();
                Ok(self.described(&version, json!({"SecretString": content})))
            }
            "PutSecretValue" => {
                let (token, content) = (text("ClientRequestToken").unwrap(), text("SecretString").unwrap());
                assert!((32..=64).contains(&token.len()), "{token}");
                match versions.get(&token) {
                    Some(known) if *known == content => return Ok(self.described(&token, json!({}))),
                    Some(_) => return Err("ResourceExistsException"),
                    None => {}
                }
                let is_first = versions.is_empty();
                versions.insert(token.clone(), content);
                for label in input["VersionStages"].as_array().unwrap() {
                    self.labels.insert(label.as_str().unwrap().to_owned(), token.clone());
                }
                if is_first {
                    self.labels.insert("AWSCURRENT".to_owned(), token.clone());
                }
                Ok(self.described(&token, json!({})))
            }
            "UpdateSecretVersionStage" => {
                let (label, to) = (text("VersionStage").unwrap(), text("MoveToVersionId").unwrap());
                if !versions.contains_key(&to) {
                    return Err("ResourceNotFoundException");
                }
                // The label has to be where the caller says that it is, a repeated call not excepted.
                if self.labels.get(&label) != text("RemoveFromVersionId").as_ref() {
                    return Err("InvalidParameterException");
                }
                assert_eq!(label, "AWSCURRENT");
                self.make_current(to);
                Ok(json!({"Name": "home/amazon"}))
            }
            other => panic!("{other}"),
        }
    }

    /// An answer about a version.
    fn described(&self, version: &str, mut answer: Value) -> Value {
        let labels = self.labels.iter().filter(|(_, on)| *on == version).map(|(label, _)| label);
        answer["VersionId"] = json!(version);
        answer["VersionStages"] = labels.cloned().collect();
        answer
    }

    fn make_current(&mut self, version: String) {
        if let Some(previous) = self.labels.insert("AWSCURRENT".to_owned(), version) {
            self.labels.insert("AWSPREVIOUS".to_owned(), previous);
        }
    }

    /// Another process writes.
    fn write(&mut self, text: &str) {
        let versions = self.versions.as_mut().unwrap();
        let version = format!("by-hand-{:032}", versions.len());
        versions.insert(version.clone(), text.to_owned());
        self.make_current(version);
    }
}

impl FakeManager {
    /// The secret as a deployment leaves it: without any version.
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { endpoint: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        fake.secret().versions = Some(BTreeMap::new());
        let router = Router::new().fallback(serve).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    pub(super) fn secret(&self) -> MutexGuard<'_, Secret> {
        self.secret.lock().unwrap()
    }

    /// What the functions use.
    pub(super) fn open(&self) -> Arc<dyn SecretStore> {
        open(&self.endpoint, "home")
    }

    pub(super) fn place(&self) -> Place {
        Place { secrets: self.open(), overwrite: Box::new(self.clone()) }
    }
}

/// The secrets under `prefix`, as the functions open them.
pub(super) fn open(endpoint: &str, prefix: &str) -> Arc<dyn SecretStore> {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL_SECRETS_MANAGER" => Some(endpoint.to_owned()),
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    };
    let machine =
        Environment { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom), lookup: &lookup };
    secrets::open(&SecretsUrl::SecretsManager { prefix: prefix.to_owned() }, &machine).unwrap()
}

#[async_trait::async_trait]
impl AsyncOverwrite for FakeManager {
    async fn overwrite(&self, text: &str) {
        self.secret().write(text);
    }
}

async fn serve(
    State(fake): State<FakeManager>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, [(header::HeaderName, &'static str); 1], String) {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.strip_prefix("secretsmanager.").unwrap();
    let input: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(input["SecretId"], "home/amazon");
    let mut secret = fake.secret();
    secret.asked.push(operation.to_owned());
    let answer = secret.answer(operation, &input);
    let lost = secret.loses.take_if(|lost| *lost == operation).is_some();
    if lost && secret.is_overtaken_meanwhile {
        secret.write("{}");
    }
    let (status, said) = match answer {
        // To the client it is all one why it did not get the answer.
        _ if lost => (StatusCode::INTERNAL_SERVER_ERROR, json!({"__type": "InternalServiceError"})),
        Ok(said) => (StatusCode::OK, said),
        Err(refusal) => {
            (StatusCode::BAD_REQUEST, json!({"__type": refusal, "Message": format!("about {body}")}))
        }
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], said.to_string())
}
