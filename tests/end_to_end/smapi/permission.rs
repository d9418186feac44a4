//! Permissions of a function, against a small Lambda API.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, Response, StatusCode};
use ma_alexa::config::{Env, SkillId};
use ma_alexa::smapi::{InvokePermission, PermissionError, SmapiError, invoke_permission_from_env};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::harness::FUNCTION;

const SKILL: &str = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";
const OTHER: &str = "amzn1.ask.skill.99999999-2222-4333-8444-555555555555";

/// A function's policy, and the methods that its caller may not use.
#[derive(Debug, Default)]
struct Function {
    statements: Vec<Value>,
    adds: Vec<Value>,
    denied: Vec<Method>,
    hides: bool,
    /// The error with which a statement is refused.
    refuses: Option<(u16, &'static str)>,
}

type Shared = Arc<Mutex<Function>>;

async fn start() -> (Shared, Arc<dyn InvokePermission>) {
    let shared = Shared::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let env = Env::new(move |name| match name {
        "AWS_ENDPOINT_URL_LAMBDA" => Some(url.clone()),
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    });
    (shared, invoke_permission_from_env(&env).unwrap().unwrap())
}

fn refused(status: u16, code: &str) -> Response<String> {
    let page =
        Response::builder().status(StatusCode::from_u16(status).unwrap()).header("x-amzn-errortype", code);
    page.body(json!({ "Type": "User", "Message": code }).to_string()).unwrap()
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response<String> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().replace("%3A", ":");
    assert_eq!(path, format!("/2015-03-31/functions/{FUNCTION}/policy"));
    let body = axum::body::to_bytes(body, 65536).await.unwrap();
    let mut function = shared.lock().unwrap();
    if function.denied.contains(&parts.method) {
        return refused(403, "AccessDeniedException");
    }
    if parts.method == Method::GET {
        if function.statements.is_empty() || function.hides {
            return refused(404, "ResourceNotFoundException");
        }
        let policy = json!({ "Version": "2012-10-17", "Statement": function.statements }).to_string();
        return Response::new(json!({ "Policy": policy, "RevisionId": "1" }).to_string());
    }
    if let Some((status, code)) = function.refuses {
        return refused(status, code);
    }
    let asked: Value = serde_json::from_slice(&body).unwrap();
    function.adds.push(asked.clone());
    if function.statements.iter().any(|known| known["Sid"] == asked["StatementId"]) {
        return refused(409, "ResourceConflictException");
    }
    function.statements.push(json!({
        "Sid": asked["StatementId"], "Effect": "Allow", "Principal": { "Service": asked["Principal"] },
        "Action": asked["Action"], "Resource": FUNCTION,
        "Condition": { "StringEquals": { "lambda:EventSourceToken": asked["EventSourceToken"] } },
    }));
    Response::builder().status(201).body(json!({ "Statement": "{}" }).to_string()).unwrap()
}

fn id(text: &str) -> SkillId {
    SkillId::parse(text).unwrap()
}

#[tokio::test]
async fn one_skill_is_granted_the_permission_and_no_other() {
    let (function, permission) = start().await;
    assert!(!permission.is_granted(FUNCTION, &id(SKILL)).await.unwrap());
    permission.grant(FUNCTION, &id(SKILL)).await.unwrap();
    assert_eq!(
        function.lock().unwrap().adds,
        [json!({
            "StatementId": "alexa-skill-11111111-2222-4333-8444-555555555555",
            "Action": "lambda:InvokeFunction", "Principal": "alexa-appkit.amazon.com",
            "EventSourceToken": SKILL,
        })]
    );
    assert!(permission.is_granted(FUNCTION, &id(SKILL)).await.unwrap());
    assert!(!permission.is_granted(FUNCTION, &id(OTHER)).await.unwrap());
    // A second time is no second statement.
    permission.grant(FUNCTION, &id(SKILL)).await.unwrap();
    assert_eq!(function.lock().unwrap().statements.len(), 1);
}

#[tokio::test]
async fn a_statement_that_grants_less_does_not_count() {
    let (function, permission) = start().await;
    permission.grant(FUNCTION, &id(SKILL)).await.unwrap();
    let good = function.lock().unwrap().statements[0].clone();
    let wrong = [
        ("/Effect", json!("Deny")),
        ("/Principal/Service", json!("apigateway.amazonaws.com")),
        ("/Action", json!("lambda:GetFunction")),
        ("/Resource", json!(format!("{FUNCTION}-other"))),
        ("/Condition/StringEquals/lambda:EventSourceToken", json!(OTHER)),
        ("/Condition", json!({})),
        (
            "/Condition/StringEquals",
            json!({ "lambda:EventSourceToken": SKILL, "aws:SourceAccount": "123456789012" }),
        ),
    ];
    for (place, value) in wrong {
        let mut statement = good.clone();
        *statement.pointer_mut(place).unwrap() = value;
        function.lock().unwrap().statements = vec![statement];
        assert!(!permission.is_granted(FUNCTION, &id(SKILL)).await.unwrap(), "{place}");
    }
    // Under the same name, it is in the way.
    let error = permission.grant(FUNCTION, &id(SKILL)).await.unwrap_err();
    assert_eq!(error, PermissionError::Unavailable("ResourceConflictException".to_owned()));
}

#[tokio::test]
async fn a_deployment_without_the_right_says_so() {
    let (function, permission) = start().await;
    let denied = PermissionError::Denied("AccessDeniedException".to_owned());
    function.lock().unwrap().denied = vec![Method::GET, Method::POST];
    assert_eq!(permission.is_granted(FUNCTION, &id(SKILL)).await.unwrap_err(), denied);
    assert_eq!(permission.grant(FUNCTION, &id(SKILL)).await.unwrap_err(), denied);
    function.lock().unwrap().denied = vec![Method::GET];
    permission.grant(FUNCTION, &id(SKILL)).await.unwrap();
    assert!(invoke_permission_from_env(&Env::new(|_| None)).unwrap().is_none(), "at home there is none");
}

#[tokio::test]
async fn a_permanent_error_of_aws_is_not_retried() {
    let (function, permission) = start().await;
    let lasting = [
        (404, "ResourceNotFoundException"),
        (400, "InvalidParameterValueException"),
        (403, "UnrecognizedClientException"),
        (403, "ExpiredTokenException"),
    ];
    for (status, code) in lasting {
        function.lock().unwrap().refuses = Some((status, code));
        let error = SmapiError::from(permission.grant(FUNCTION, &id(SKILL)).await.unwrap_err());
        assert_eq!((error.code(), error.is_transient()), ("permission-unknown", false), "{code}");
        assert_eq!(error.details()["reason"], code);
    }
    function.lock().unwrap().refuses = Some((429, "TooManyRequestsException"));
    let error = SmapiError::from(permission.grant(FUNCTION, &id(SKILL)).await.unwrap_err());
    assert_eq!((error.code(), error.is_transient()), ("permission-unavailable", true));
}

#[test]
fn keys_without_a_region_are_for_something_else() {
    let with = |region: &'static [&'static str]| {
        Env::new(move |name| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            name if region.contains(&name) => Some("eu-west-1".to_owned()),
            _ => None,
        })
    };
    assert!(invoke_permission_from_env(&with(&[])).unwrap().is_none());
    for region in [&["AWS_REGION"], &["AWS_DEFAULT_REGION"]] {
        assert!(invoke_permission_from_env(&with(region)).unwrap().is_some());
    }
}
