//! The body of a Slack-compatible incoming webhook (Slack, Mattermost, Rocket.Chat): one text, in
//! which nothing from outside is markup, a mention or a link.

use serde_json::json;

use crate::message::Message;

/// The JSON document.
pub(crate) fn body(message: &Message) -> Vec<u8> {
    let mut text = format!("*{}*\n{}", escaped(&message.title()), message.times());
    for (name, fact) in message.facts() {
        text.push_str(&format!("\n{name}: "));
        match name {
            // It was checked to be a plain link; Slack shows it as one.
            "url" => text.push_str(&fact.replace('&', "&amp;").replace(['<', '>', '|'], "")),
            _ => text.push_str(&escaped(fact)),
        }
    }
    if let Some(record) = message.record() {
        text.push_str(&format!("\nrecord: {record}"));
    }
    text.push_str(&format!("\nid: {}", escaped(&message.id)));
    // Neither names nor links of the text become mentions or previews.
    json!({"text": text, "link_names": 0, "unfurl_links": false, "unfurl_media": false})
        .to_string()
        .into_bytes()
}

/// The text with all of Slack's markup taken out of service: the three entities as its manual says,
/// an invisible joiner behind what would format, mention or link.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '*' | '_' | '~' | '`' | '@' | '#' | ':' | '!' | '[' | ']' | '(' | '\\' => {
                out.push(c);
                out.push('\u{2060}');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::notice;
    use varistor_model::Notice;

    #[test]
    fn a_name_from_outside_is_no_markup_and_no_mention() {
        let notice = Notice {
            tool: "<!channel> *x* `y` @here <https://evil.example|click> & https://evil".to_owned(),
            ..notice()
        };
        let body = body(&Message::new("msg_1".into(), "slack/#a", &notice, 5));
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let text = body["text"].as_str().unwrap();
        for bad in [
            "<!",
            "<http",
            "@here",
            "*x*",
            "`y`",
            "https://evil",
            "|click>",
        ] {
            assert!(!text.contains(bad), "{bad} in {text}");
        }
        assert!(text.contains("&lt;!\u{2060}channel&gt;"), "{text}");
        assert!(text.contains("agent: ci-bot"), "{text}");
    }

    #[test]
    fn the_link_to_the_approval_stays_a_link() {
        let notice = Notice {
            url: "https://ops.example/a?b=1&c=2".to_owned(),
            ..notice()
        };
        let body = body(&Message::new("msg_1".into(), "slack/#a", &notice, 5));
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let text = body["text"].as_str().unwrap();
        assert!(
            text.contains("url: https://ops.example/a?b=1&amp;c=2"),
            "{text}"
        );
    }
}
