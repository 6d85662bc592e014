//! What judging one call costs, in nanoseconds: a few tools, each with about 400 bytes of arguments.
//! With the name of one of them, only that one.

use std::hint::black_box;
use std::time::Instant;

use varistor_intent::{Outside, Profile, judge};

struct Nobody;

impl Outside for Nobody {
    fn is_foreign_host(&self, host: &str) -> bool {
        !host.ends_with(".example")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with(".example")
    }
}

/// Calls per measurement.
const CALLS: u32 = 200_000;

const CASES: &[(&str, &str, &str)] = &[
    (
        "read",
        r#"{"name":"list_items","description":"List items of a shop."}"#,
        r#"{"shop":"s-118","category":"garden furniture","sort":"price_ascending","page":4,"page_size":50,"fields":["id","name","price","stock"],"language":"en","include_archived":false,"updated_after":"2026-01-01T00:00:00Z","warehouse":{"country":"DE","city":"Berlin","zone":"north"},"tags":["summer","outdoor","sale"],"min_rating":3.5,"note":"the customer asked for weatherproof chairs and a table that seats six"}"#,
    ),
    (
        "mail",
        r#"{"name":"send_email","description":"Send an e-mail."}"#,
        r#"{"to":["anna@ours.example","bob@ours.example"],"cc":[],"subject":"Minutes of Tuesday","body":"Dear all,\nplease find the minutes of our meeting below. We agreed to move the launch by a week, to ask the team for a second review, and to meet again on Friday at ten.\nBest regards,\nKim","attachments":[],"priority":"normal","reply_to":"kim@ours.example","track_opens":false,"labels":["minutes","launch"]}"#,
    ),
    (
        "record",
        r#"{"name":"update_ticket","description":"Update a ticket."}"#,
        r#"{"ticket_id":48213,"status":"pending","priority":"high","assignee":"kim","tags":["billing","refund"],"custom_fields":[{"id":3601,"value":"gold"},{"id":3602,"value":"2026-05-01"}],"comment":{"body":"The customer was charged twice in May. I have asked the billing team to look into it and will come back tomorrow with an answer.","public":false},"due_at":"2026-05-12T09:00:00Z","group":"support-emea"}"#,
    ),
    (
        "sql",
        r#"{"name":"run_sql","description":"Run SQL on the database."}"#,
        r#"{"sql":"SELECT o.id, o.total, o.created_at, c.country FROM orders o JOIN countries c ON c.id = o.country_id WHERE o.created_at > now() - interval '7 days' AND o.total > 100 ORDER BY o.created_at DESC LIMIT 50"}"#,
    ),
    (
        "shell",
        r#"{"name":"run_command","description":"Run a shell command."}"#,
        r#"{"command":"cd /srv/app && git pull --rebase origin main && npm ci && npm test 2>&1 | tail -n 40"}"#,
    ),
];

fn main() {
    let wanted = std::env::args().nth(1);
    let is_wanted = |case: &str| wanted.as_deref().is_none_or(|wanted| wanted == case);
    for (case, definition, arguments) in CASES.iter().filter(|(case, ..)| is_wanted(case)) {
        let profile = Profile::of_definition(definition);
        let started = Instant::now();
        for _ in 0..CALLS {
            black_box(judge(black_box(&profile), black_box(arguments), &Nobody));
        }
        let each = started.elapsed() / CALLS;
        println!(
            "{case:8} {:4} bytes {:6} ns",
            arguments.len(),
            each.as_nanos()
        );
    }
}
