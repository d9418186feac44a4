//! What each function may do: what it did in this run, no more and no less.

use std::collections::BTreeSet;

use end_to_end::cloud::{Call, FUNCTIONS, Stack};
use serde_json::Value;

/// An action, and the table, secret, queue or role that it is done to, without the name of the stack.
type Permission = (String, String);

pub(super) fn allow_what_was_asked(stacks: &[&Stack<'_>]) {
    for function in FUNCTIONS {
        let asked: BTreeSet<Permission> = stacks.iter().flat_map(|stack| asked(stack, function)).collect();
        for stack in stacks {
            let role = role(stack, function);
            assert_eq!(allowed(stack, &role), asked, "{function}");
            if function != "api" {
                is_narrow(stack, &role, &["calls", "platform"]);
            }
        }
    }
    is_narrow(stacks[0], &schedule_role(stacks[0]), &["invoke"]);
    is_narrow(stacks[0], &bridge_role(stacks[0]), &["receive"]);
    let expected = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
    let received = statements(stacks[0], &bridge_role(stacks[0]), "receive");
    let of_queues = received.iter().zip([":first-bridge", ":first-reports"]);
    for (statement, queue) in of_queues {
        assert_eq!(actions(statement), expected, "{statement}");
        assert!(statement["Resource"].as_str().is_some_and(|arn| arn.ends_with(queue)), "{statement}");
    }
    assert_eq!(received.len(), 2);
    let is_ours = |call: &Call| {
        stacks.iter().any(|stack| FUNCTIONS.iter().any(|function| call.function == stack.function(function)))
    };
    let calls = stacks[0].cloud.recorder().calls();
    let strangers: Vec<_> = calls.iter().filter(|call| !is_ours(call)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

/// On unless it is not wanted, and then for Alexa and the one function.
pub(super) fn let_the_skill_be_set_up(without: &Stack<'_>, with: &Stack<'_>) {
    is_narrow(without, &role(without, "api"), &["bridge-tickets", "calls", "platform"]);
    is_narrow(with, &role(with, "api"), &["bridge-tickets", "calls", "platform", "skill-setup"]);
    let statements = statements(with, &role(with, "api"), "skill-setup");
    let actions: Vec<&str> = statements.iter().filter_map(|statement| statement["Action"].as_str()).collect();
    assert_eq!(actions, ["lambda:AddPermission", "lambda:GetPolicy"]);
    for statement in &statements {
        let resource = statement["Resource"].as_str().unwrap_or_default();
        assert!(resource.ends_with(":function:second-skill"), "{statement}");
    }
    let condition = &statements[0]["Condition"];
    assert_eq!(condition["StringEquals"]["lambda:Principal"], "alexa-appkit.amazon.com");
    assert_eq!(condition["StringLikeIfExists"]["lambda:EventSourceToken"], "amzn1.ask.skill.*");
}

fn asked(stack: &Stack<'_>, function: &str) -> Vec<Permission> {
    let name = stack.function(function);
    let calls = stack.cloud.recorder().calls();
    let own = calls.into_iter().filter(|call| call.function == name);
    own.map(|call| (call.action, place(stack, &call.resource))).collect()
}

/// A name without that of the stack, which every name begins with.
fn place(stack: &Stack<'_>, name: &str) -> String {
    let own = name.strip_prefix(stack.name).unwrap_or_else(|| panic!("{name} is none of {}", stack.name));
    // A role's name ends with characters that differ from stack to stack.
    if own.starts_with("-BridgeRole") { "-BridgeRole".to_owned() } else { own.to_owned() }
}

fn role(stack: &Stack<'_>, function: &str) -> String {
    let name = stack.function(function);
    let described = stack.cloud.aws(&["lambda", "get-function-configuration", "--function-name", &name]);
    described["Role"].as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned()
}

/// The role of the tickets, as the function has it.
fn bridge_role(stack: &Stack<'_>) -> String {
    let name = stack.function("api");
    let described = stack.cloud.aws(&["lambda", "get-function-configuration", "--function-name", &name]);
    let arn = described["Environment"]["Variables"]["BRIDGE_ROLE"].as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

fn schedule_role(stack: &Stack<'_>) -> String {
    let schedule =
        stack.cloud.aws(&["scheduler", "get-schedule", "--name", &stack.function("token-refresh")]);
    let arn = schedule["Target"]["RoleArn"].as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

fn statements(stack: &Stack<'_>, role: &str, policy: &str) -> Vec<Value> {
    let got = stack.cloud.aws(&["iam", "get-role-policy", "--role-name", role, "--policy-name", policy]);
    got["PolicyDocument"]["Statement"].as_array().cloned().unwrap_or_default()
}

fn allowed(stack: &Stack<'_>, role: &str) -> BTreeSet<Permission> {
    let listed = stack.cloud.aws(&["iam", "list-role-policies", "--role-name", role]);
    let listed = listed["PolicyNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let calls = listed.filter(|policy| ["calls", "bridge-tickets"].contains(policy));
    let statements: Vec<Value> = calls.flat_map(|policy| statements(stack, role, policy)).collect();
    let permissions = statements.iter().flat_map(|statement| {
        let resource = statement["Resource"].as_str().unwrap_or_default();
        let kinds = [":table/", ":secret:", ":role/"];
        let name =
            kinds.iter().find_map(|kind| resource.split_once(kind)).or_else(|| resource.rsplit_once(':'));
        // A secret's name ends with six characters that are not known beforehand.
        let name = name.map_or(resource, |(_, name)| name.trim_end_matches("-??????"));
        actions(statement).into_iter().map(|action| (action, place(stack, name))).collect::<Vec<_>>()
    });
    permissions.collect()
}

fn actions(statement: &Value) -> Vec<String> {
    let one = statement["Action"].as_str().map(str::to_owned);
    let several = statement["Action"].as_array().into_iter().flatten();
    one.into_iter().chain(several.filter_map(|action| action.as_str().map(str::to_owned))).collect()
}

/// No policy but these, no action with a wildcard, no resource that is one.
fn is_narrow(stack: &Stack<'_>, role: &str, policies: &[&str]) {
    let listed = stack.cloud.aws(&["iam", "list-role-policies", "--role-name", role]);
    let listed = listed["PolicyNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let expected: BTreeSet<&str> = policies.iter().copied().collect();
    assert_eq!(listed.collect::<BTreeSet<_>>(), expected, "{role}");
    let attached = stack.cloud.aws(&["iam", "list-attached-role-policies", "--role-name", role]);
    assert_eq!(attached["AttachedPolicies"], Value::Array(Vec::new()));
    for policy in policies {
        let statements = statements(stack, role, policy);
        assert!(!statements.is_empty(), "{role} {policy} allows nothing");
        for statement in statements {
            assert!(actions(&statement).iter().all(|action| !action.contains('*')), "{statement}");
            let resource = statement["Resource"].as_str().unwrap_or_default();
            assert!(resource.starts_with("arn:aws:") && resource.contains(stack.name), "{statement}");
        }
    }
}
