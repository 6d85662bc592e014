//! What commands to stores that speak no SQL do: GraphQL, MongoDB, Redis, Elasticsearch.

mod elastic;
mod graphql;
mod mongo;
mod redis;

pub use elastic::elastic;
pub use graphql::graphql;
pub(crate) use mongo::is_command as is_mongo_command;
pub use mongo::{mongo, mongo_text};
pub use redis::redis;

/// The string value of a key in a JSON text, unescaped; looked for as text, first hit.
fn json_string(text: &str, key: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let at = rest.find(key)?;
        let before = rest.get(..at)?;
        rest = rest.get(at.saturating_add(key.len())..)?;
        if !before.ends_with('"') {
            continue;
        }
        let Some(value) = rest.strip_prefix('"').map(str::trim_start) else {
            continue;
        };
        let value = value.strip_prefix(':').map(str::trim_start);
        if let Some(value) = value.and_then(|value| value.strip_prefix('"')) {
            return Some(unescaped(value));
        }
    }
}

/// A JSON string behind its opening quote, up to the closing one.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n' | 'r') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('u') => {
                    let digits: String = characters.by_ref().take(4).collect();
                    let number = u32::from_str_radix(&digits, 16).ok();
                    plain.extend(number.and_then(char::from_u32));
                }
                Some(other) => plain.push(other),
                None => break,
            },
            _ => plain.push(character),
        }
    }
    plain
}
