//! Entries of a registry with a person's answers: what a policy says of them.

use serde_json::{Value, json};
use varistor_onboard::catalogue::{
    Addition, Answers, Catalogue, Refusal, Server, Terms, addition, file, questions, ways,
};
use zeroize::Zeroizing;

/// What a person types, without echo.
const KEY: &str = "typed-1";

/// The server that has this one way.
fn server(way: &Value) -> Server {
    let mut server = json!({
        "name": "io.github.owner/shop", "description": "A shop", "version": "1.0.0",
    });
    server
        .as_object_mut()
        .unwrap()
        .extend(way.as_object().unwrap().clone());
    serde_json::from_value(server).unwrap()
}

fn remote(headers: &Value) -> Value {
    json!({"remotes": [{
        "type": "streamable-http", "url": "https://{tenant}.example/mcp", "headers": headers,
        "variables": {"tenant": {"isRequired": true}},
    }]})
}

fn package(arguments: &Value, variables: &Value) -> Value {
    json!({"packages": [{
        "registryType": "npm", "identifier": "shop-mcp", "version": "1.0.0",
        "transport": {"type": "stdio"},
        "packageArguments": arguments, "environmentVariables": variables,
    }]})
}

/// Adds it with `KEY` for each secret question and `acme` for each other.
fn added(way: &Value) -> Result<Addition, Refusal> {
    let mut catalogue = Catalogue::default();
    catalogue.import(vec![server(way)]);
    let entry = catalogue.entries().next().unwrap();
    let ways = ways(&entry.server);
    let mut answers = Answers::default();
    for question in questions(&ways[0]) {
        let value = if question.is_secret { KEY } else { "acme" };
        answers.give(&question.key, Zeroizing::new(value.to_owned()));
    }
    let terms = Terms {
        server: "shop",
        cache: "/srv/cache".into(),
        is_path: &|_| false,
        hosts: &[],
    };
    addition(entry, &ways[0], &answers, &terms)
}

/// The file of the policy.
fn written(way: &Value, addition: &Addition) -> String {
    let mut catalogue = Catalogue::default();
    catalogue.import(vec![server(way)]);
    let entry = catalogue.entries().next().unwrap();
    file(entry, &ways(&entry.server)[0], addition)
}

fn refusal(way: &Value) -> Refusal {
    added(way).err().unwrap()
}

/// A value that is secret as a whole, of a variable of which nothing is said.
fn bearer() -> Value {
    json!({"value": "Bearer {k}", "isSecret": true, "variables": {"k": {"isRequired": true}}})
}

fn named(name: &str, mut input: Value) -> Value {
    input["name"] = json!(name);
    input
}

#[test]
fn what_goes_into_a_secret_value_is_secret() {
    let rows = [
        (
            remote(&json!([named("Authorization", bearer())])),
            "Authorization: Bearer ${vault:shop-k}",
        ),
        (
            package(&json!([]), &json!([named("SHOP_AUTH", bearer())])),
            "Bearer ${vault:shop-k}",
        ),
        // The same answer goes into a value that anybody may see.
        (
            remote(&json!([
                {"name": "X-Shop", "value": "{k}", "variables": {"k": {}}},
                named("Authorization", bearer()),
            ])),
            "X-Shop: ${vault:shop-k}",
        ),
    ];
    for (way, said) in rows {
        let added = added(&way).unwrap_or_else(|refusal| panic!("{refusal}"));
        let kept: Vec<_> = added.secrets.iter().map(|it| it.value.as_str()).collect();
        assert_eq!(kept, [KEY], "{way}");
        let text = written(&way, &added);
        assert!(text.contains(said) && !text.contains(KEY), "{text}");
    }
}

#[test]
fn a_secret_stands_in_no_command_line() {
    let mut argument = named("--auth", bearer());
    argument["type"] = json!("named");
    let way = package(&json!([argument]), &json!([]));
    assert_eq!(refusal(&way), Refusal::Argument("k".to_owned()));
}

#[test]
fn a_value_that_wants_what_nothing_is_said_of_is_refused() {
    let wanting = json!({"value": "Bearer {k}", "isSecret": true});
    let mut argument = named("--auth", wanting.clone());
    argument["type"] = json!("named");
    let mut elsewhere = remote(&json!([]));
    elsewhere["remotes"][0]["url"] = json!("https://{tenant}.example/{k}/mcp");
    let rows = [
        (
            remote(&json!([named("Authorization", wanting.clone())])),
            "header Authorization",
        ),
        (
            package(&json!([]), &json!([named("SHOP_AUTH", wanting)])),
            "env SHOP_AUTH",
        ),
        (package(&json!([argument]), &json!([])), "argument --auth"),
        (elsewhere, "its URL"),
    ];
    for (way, place) in rows {
        let expected = Refusal::Unsaid(place.to_owned(), "k".to_owned());
        assert_eq!(refusal(&way), expected, "{way}");
    }
    // Braces of something else are no such place.
    let way = remote(&json!([{"name": "X-Shop", "value": "{\"a\": {}} ${b c}"}]));
    assert!(added(&way).is_ok());
}
