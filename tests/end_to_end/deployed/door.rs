//! CloudFront before the door at home.

use end_to_end::cloud::Stack;
use serde_json::{Value, json};

/// It passes on what an Echo fetches, keeps nothing, and shows the secret of which the owner reads in the output.
pub(super) fn is_reached_through_cloudfront(stack: &Stack<'_>, said: &str) {
    let secret = stack.secret("credentials");
    let listed = stack.cloud.aws(&["cloudfront", "list-distributions"]);
    let [distribution] = &listed["DistributionList"]["Items"].as_array().unwrap()[..] else {
        panic!("{listed}")
    };
    let id = distribution["Id"].as_str().unwrap();
    let got = stack.cloud.aws(&["cloudfront", "get-distribution-config", "--id", id]);
    let config = &got["DistributionConfig"];

    let origin = &config["Origins"]["Items"][0];
    assert_eq!(origin["DomainName"], "home.example.com");
    assert_eq!(origin["CustomOriginConfig"]["HTTPPort"], 5001);
    assert_eq!(origin["CustomOriginConfig"]["OriginProtocolPolicy"], "http-only");
    assert_eq!(origin["CustomOriginConfig"]["OriginReadTimeout"], 60);
    let header = json!({ "HeaderName": "X-Door-Secret", "HeaderValue": secret["door_secret"] });
    assert_eq!(origin["CustomHeaders"]["Items"], json!([header]));

    let behavior = &config["DefaultCacheBehavior"];
    let methods = behavior["AllowedMethods"]["Items"].as_array().unwrap();
    assert!(methods.len() == 2 && methods.contains(&json!("GET")) && methods.contains(&json!("HEAD")));
    assert_eq!(behavior["ViewerProtocolPolicy"], "https-only");
    // CloudFront's own policy "CachingDisabled" (CloudFront Developer Guide, managed cache policies).
    assert_eq!(behavior["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    assert_eq!(config["PriceClass"], "PriceClass_100");
    assert_eq!(config["ViewerCertificate"]["MinimumProtocolVersion"], "TLSv1.2_2021");

    let door = stack.output("DoorUrl");
    assert_eq!(door, format!("https://{}", distribution["DomainName"].as_str().unwrap()));
    for name in ["skill", "api"] {
        let variables = variables(stack, name);
        assert_eq!(variables["DOOR_URL"], door, "{name}");
        assert_eq!(variables["PLAYLIST_URL"], stack.output("ApiUrl"), "{name}");
    }

    for part in
        [&door, "home.example.com:5001", "its port 5001", "GRANT_KEYS", "DOOR_SECRET", "ma-alexa door"]
    {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    for name in ["door_secret", "grant_keys"] {
        assert!(secret[name].as_str().is_some_and(|secret| !said.contains(secret)), "{said}");
    }
}

/// Unless it is asked for, there is none.
pub(super) fn is_reached_by_no_way(stack: &Stack<'_>) {
    for name in ["skill", "api"] {
        let variables = variables(stack, name);
        assert_eq!(variables["DOOR_URL"], "", "{name}");
        assert_eq!(variables["PLAYLIST_URL"], stack.output("ApiUrl"), "{name}");
    }
}

fn variables(stack: &Stack<'_>, function: &str) -> Value {
    let name = stack.function(function);
    let described = stack.cloud.aws(&["lambda", "get-function-configuration", "--function-name", &name]);
    described["Environment"]["Variables"].clone()
}
