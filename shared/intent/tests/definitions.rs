//! What a whole definition adds to a name: choices, defaults, units, hints.

use serde_json::{Value, json};
use varistor_intent::{Judgement, Outside, Profile, judge};
use varistor_model::Intent;

struct Ours;

impl Outside for Ours {
    fn is_foreign_host(&self, host: &str) -> bool {
        !host.ends_with("ourcompany.example")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with("@ourcompany.example")
    }
}

fn tool(name: &str, description: &str, properties: Value) -> Profile {
    let schema = json!({"type": "object", "properties": properties});
    let definition = json!({"name": name, "description": description, "inputSchema": schema});
    Profile::of_definition(&definition.to_string())
}

fn call(profile: &Profile, arguments: Value) -> Judgement {
    judge(profile, &arguments.to_string(), &Ours)
}

#[test]
fn an_operation_decides_what_a_tool_of_many_deeds_does() {
    let choices = json!({"action": {"type": "string", "enum": ["list", "create", "delete"]}});
    for name in [
        "boards",
        "manage_board",
        "board_admin",
        "update_or_delete_board",
    ] {
        let profile = tool(name, "Work with boards.", choices.clone());
        for (action, intent) in [
            ("list", Intent::Read),
            ("create", Intent::Write),
            ("delete", Intent::Destructive),
        ] {
            let judged = call(&profile, json!({"action": action, "id": 1})).intent;
            assert_eq!(judged, intent, "{name} {action}");
        }
    }
}

#[test]
fn an_operation_that_only_filters_decides_nothing() {
    let choices = json!({"action": {"type": "string", "enum": ["create", "delete"]}});
    let profile = tool("list_audit_events", "List audit events.", choices);
    let judged = call(&profile, json!({"action": "delete", "limit": 20}));
    assert_eq!(judged.intent, Intent::Read);
}

#[test]
fn a_trial_by_default_is_a_read_until_it_is_switched_off() {
    let dry = json!({"dry_run": {"type": "boolean", "default": true}, "days": {"type": "integer"}});
    let profile = tool("delete_old_logs", "Delete old logs.", dry);
    assert_eq!(call(&profile, json!({"days": 3})).intent, Intent::Read);
    let real = call(&profile, json!({"days": 3, "dry_run": false}));
    assert_eq!(real.intent, Intent::Destructive);
}

#[test]
fn units_of_an_amount_stand_in_its_description() {
    let cents = json!({"amount": {"type": "integer", "description": "Amount in cents"}});
    let units = json!({"amount": {"type": "number", "description": "Amount in euros"}});
    let amount = json!({"amount": 20_000});
    let judged = |properties| {
        call(
            &tool("pay_vendor", "Pay a vendor.", properties),
            amount.clone(),
        )
    };
    assert_eq!(judged(cents).intent, Intent::Write);
    assert_eq!(judged(units).intent, Intent::Destructive);
}

#[test]
fn a_parameter_of_another_name_may_hold_sql() {
    let text = json!({"text": {"type": "string", "description": "The SQL to run"}});
    let profile = tool("ask_warehouse", "Run something on the warehouse.", text);
    let dropped = call(&profile, json!({"text": "DROP TABLE sales"}));
    assert_eq!(dropped.intent, Intent::Destructive);
    assert!(
        dropped
            .decisive()
            .is_some_and(|ground| ground.span.is_some())
    );
}

#[test]
fn hints_raise_what_is_unclear_and_lower_nothing() {
    let hinted = |name: &str, annotations: Value| {
        let definition = json!({"name": name, "annotations": annotations});
        Profile::of_definition(&definition.to_string()).base()
    };
    let lied = hinted("delete_user", json!({"readOnlyHint": true}));
    assert_eq!(lied.intent, Intent::Destructive);
    let overused = hinted("create_user", json!({"destructiveHint": true}));
    assert_eq!(overused.intent, Intent::Write);
    let unclear = hinted("zorp", json!({"destructiveHint": true}));
    assert!(unclear.intent >= Intent::Write);
    assert!(
        unclear
            .grounds()
            .any(|ground| ground.code == "annotation.destructive")
    );
}

#[test]
fn names_alone_tell_verbs_from_nouns() {
    for (name, intent) in [
        ("get_release", Intent::Read),
        ("list_deleted_items", Intent::Read),
        ("get_delete_policy", Intent::Read),
        ("delete_preview", Intent::Read),
        ("sync_status", Intent::Read),
        ("issues_list", Intent::Read),
        ("validate_delete_request", Intent::Read),
        ("undelete_file", Intent::Write),
        ("emailSend", Intent::Write),
        ("comment_create", Intent::Write),
        ("VPS_createPTRRecordV1", Intent::Write),
        ("remove_label", Intent::Write),
        ("get_or_create_user", Intent::Write),
        ("turn_off_light", Intent::Write),
        ("user-delete", Intent::Destructive),
        ("github.repos.delete", Intent::Destructive),
        ("get_and_delete", Intent::Destructive),
        ("list_delete", Intent::Destructive),
        ("backup_delete", Intent::Destructive),
        ("remove_user", Intent::Destructive),
        ("schedule_key_deletion", Intent::Destructive),
        ("turn_off_firewall", Intent::Destructive),
        ("factory_reset", Intent::Destructive),
        ("export_all_customers", Intent::Exfiltrative),
        ("dump_database", Intent::Exfiltrative),
        ("create_public_link", Intent::Exfiltrative),
        ("get_password", Intent::Exfiltrative),
        ("reveal_api_key", Intent::Exfiltrative),
    ] {
        assert_eq!(Profile::of_name(name).base().intent, intent, "{name}");
    }
}
