//! What the resources are, as AWS describes them.

use end_to_end::cloud::{Cloud, Stack};
use end_to_end::envelope::SKILL;
use end_to_end::machine;
use serde_json::{Value, json};

pub(super) fn are_as_described(first: &Stack<'_>, second: &Stack<'_>) {
    let table = first.cloud.aws(&["dynamodb", "describe-table", "--table-name", first.name]);
    assert_eq!(table["Table"]["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["Table"]["DeletionProtectionEnabled"], true);
    // What lasts for a while only says so where the table looks for it.
    let lasting = ["--filter-expression", "attribute_exists(expires_at)", "--select", "COUNT"];
    let scanned =
        first.cloud.aws(&[&["dynamodb", "scan", "--table-name", first.name], &lasting[..]].concat());
    assert!(scanned["Count"].as_u64() > Some(0), "{scanned}");
    who_may_invoke(first, second);
    the_functions(first);
    what_the_emulator_leaves_out(first);
}

/// As AWS gets it, after all macros: the emulator takes these and does nothing with them.
fn what_the_emulator_leaves_out(stack: &Stack<'_>) {
    let stage = ["--template-stage", "Processed"];
    let got =
        stack.cloud.aws(&["cloudformation", "get-template", "--stack-name", stack.name, stage[0], stage[1]]);
    let resources = &got["TemplateBody"]["Resources"];
    let table = &resources["Table"]["Properties"];
    let ttl = json!({ "AttributeName": "expires_at", "Enabled": true });
    assert_eq!(table["TimeToLiveSpecification"], ttl);
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    the_limits(resources);
    let budget = &resources["Budget"];
    assert_eq!(budget["Condition"], "HasBudget");
    assert_eq!(budget["Properties"]["Budget"]["BudgetLimit"]["Amount"], json!({ "Ref": "MonthlyBudget" }));
    let unless_asked = json!({ "Fn::If": [
        "HasReservedConcurrency", { "Ref": "ReservedConcurrency" }, { "Ref": "AWS::NoValue" },
    ]});
    for function in ["Skill", "Api"] {
        assert_eq!(resources[function]["Properties"]["ReservedConcurrentExecutions"], unless_asked);
    }
}

/// Each route has its own, and what strangers reach is less than what costs ten dollars a month.
fn the_limits(resources: &Value) {
    let stage = &resources["HttpApiStage"];
    let routes = resources.as_object().unwrap().iter();
    let routes = routes.filter(|(_, resource)| resource["Type"] == "AWS::ApiGatewayV2::Route");
    let (names, keys): (Vec<&String>, Vec<&str>) =
        routes.map(|(name, route)| (name, route["Properties"]["RouteKey"].as_str().unwrap())).unzip();
    for name in names {
        let before = stage["DependsOn"].as_array().unwrap();
        assert!(before.iter().any(|one| one == name), "the stage limits {name} before it is there");
    }
    let limits = stage["Properties"]["RouteSettings"].as_object().unwrap();
    let others = &stage["Properties"]["DefaultRouteSettings"];
    for key in [
        "POST /ma/push-url",
        "ANY /ma/{proxy+}",
        "ANY /alexa/{proxy+}",
        "POST /v1/bridge/{proxy+}",
        "ANY /v1/{proxy+}",
    ] {
        assert!(limits.contains_key(key), "{key} has no limit of its own");
    }
    assert_eq!(limits.len() + 1, keys.len());
    let mut together = 0;
    for key in keys {
        let limit = limits.get(key).unwrap_or(others);
        let (rate, burst) = (&limit["ThrottlingRateLimit"], &limit["ThrottlingBurstLimit"]);
        together += rate.as_u64().unwrap();
        assert!(burst.as_u64() >= Some(10), "{key}: {limit}");
    }
    assert!(together <= 10, "{together} requests a second");
}

/// Alexa, for the one skill; and no caller where there is no skill.
fn who_may_invoke(first: &Stack<'_>, second: &Stack<'_>) {
    let allowed = statements(first);
    let [statement] = &allowed[..] else { panic!("{allowed:?}") };
    assert!(statement["Principal"].to_string().contains("alexa-appkit.amazon.com"), "{statement}");
    assert_eq!(statement["Action"], "lambda:InvokeFunction");
    assert_eq!(statement["Condition"], json!({ "StringEquals": { "lambda:EventSourceToken": SKILL } }));
    assert_eq!(statements(second), Vec::<Value>::new());
}

/// Who may invoke the skill function.
fn statements(stack: &Stack<'_>) -> Vec<Value> {
    let asked = stack.cloud.ask_aws(&["lambda", "get-policy", "--function-name", &stack.function("skill")]);
    let policy = match asked {
        Ok(policy) => policy["Policy"].as_str().unwrap_or_default().to_owned(),
        Err(error) => {
            assert!(error.contains("ResourceNotFoundException"), "{error}");
            return Vec::new();
        }
    };
    let policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"].as_array().cloned().unwrap_or_default()
}

fn the_functions(stack: &Stack<'_>) {
    for (name, timeout, memory) in [("skill", 8, 256), ("api", 29, 256), ("token-refresh", 180, 128)] {
        let name = stack.function(name);
        let described = stack.cloud.aws(&["lambda", "get-function", "--function-name", &name]);
        let function = &described["Configuration"];
        assert_eq!(
            (&function["Timeout"], &function["MemorySize"]),
            (&json!(timeout), &json!(memory)),
            "{name}"
        );
        assert_eq!(function["Runtime"], "provided.al2023");
        assert_eq!(function["Architectures"], json!(["x86_64"]));
        let logging = json!({ "LogFormat": "JSON", "LogGroup": format!("/aws/lambda/{name}") });
        assert_eq!(function["LoggingConfig"], logging);
        let group = ["--log-group-name-prefix", &format!("/aws/lambda/{name}")];
        let groups = stack.cloud.aws(&["logs", "describe-log-groups", group[0], group[1]]);
        assert_eq!(groups["logGroups"][0]["retentionInDays"], 30);
    }
}

/// The template itself says so, for those who deploy it by other means.
pub(super) fn belong_where_alexa_is(cloud: &Cloud) {
    let template = std::fs::read_to_string(machine::workspace().join("infra/template.yaml")).unwrap();
    let uploaded = cloud.folder().join("uploaded.yaml");
    std::fs::write(&uploaded, template.replace("../target/lambda/", "s3://functions/")).unwrap();
    let template = format!("file://{}", uploaded.display());
    let nowhere = ["create-stack", "--stack-name", "nowhere", "--template-body", &template];
    let allowed = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--region", "eu-central-1"];
    let arguments: Vec<&str> = ["cloudformation"].into_iter().chain(nowhere).chain(allowed).collect();
    let refused = cloud.ask_aws(&arguments).unwrap_err();
    assert!(refused.contains("Alexa invokes functions in"), "{refused}");
}
