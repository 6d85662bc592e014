//! The list of tools, prepared once: any number of tools of realistic sizes, in pages.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::text::FILLER;

/// Sizes of tools as they are met, in percent of the median: most are near it, few far above.
const PERCENT: [usize; 10] = [100, 70, 130, 45, 100, 90, 180, 60, 110, 400];
/// Bytes of a tool for each of its parameters.
const BYTES_PER_PARAMETER: usize = 150;
/// The most parameters that a tool has.
const PARAMETERS_MAX: usize = 12;
/// What makes a cursor out of the number of a page: a large odd number.
const SCRAMBLE: u64 = 0x9e37_79b9_7f4a_7c15;

/// How many tools there are, and how large.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) tools: usize,
    /// Median size of a tool, in bytes.
    pub(super) tool_bytes: usize,
    /// Tools on one page; 0 for all on one.
    pub(super) page_size: usize,
}

/// The results of `tools/list`.
pub(super) struct Pages {
    pages: Vec<String>,
    cursors: HashMap<String, usize>,
}

impl Pages {
    pub(super) fn new(size: Size) -> Self {
        let per_page = match size.page_size {
            0 => size.tools.max(1),
            some => some,
        };
        let count = size.tools.div_ceil(per_page).max(1);
        let page = |page: usize| {
            let first = page * per_page;
            let last = size.tools.min(first + per_page);
            let tools: Vec<String> = (first..last).map(|n| tool(n, size.tool_bytes)).collect();
            let next = if page + 1 < count {
                format!(r#""nextCursor":"{}","#, cursor(page + 1))
            } else {
                String::new()
            };
            let (open, end) = (r#"{"cacheScope":"public","#, r#"],"ttlMs":60000}"#);
            let kind = r#""resultType":"complete","tools":["#;
            [open, &next, kind, &tools.join(","), end].concat()
        };
        Self {
            pages: (0..count).map(page).collect(),
            cursors: (1..count).map(|page| (cursor(page), page)).collect(),
        }
    }

    /// The page at this cursor, the first one without; `None` when no page has it.
    pub(super) fn page(&self, cursor: Option<&str>) -> Option<&str> {
        let number = match cursor {
            None => 0,
            Some(cursor) => *self.cursors.get(cursor)?,
        };
        self.pages.get(number).map(String::as_str)
    }
}

fn cursor(page: usize) -> String {
    format!("{:016x}", (page as u64).wrapping_mul(SCRAMBLE))
}

/// The definition of one tool; the first is called `echo`.
fn tool(number: usize, median: usize) -> String {
    let name = match number {
        0 => "echo".to_owned(),
        _ => format!("tool_{number:04}"),
    };
    let bytes = median * PERCENT.get(number % PERCENT.len()).unwrap_or(&100) / 100;
    let mut properties = Map::new();
    properties.insert("text".to_owned(), json!({"type": "string"}));
    let parameters = (bytes / BYTES_PER_PARAMETER).min(PARAMETERS_MAX);
    for parameter in 1..parameters {
        let schema = json!({"type": "integer", "description": FILLER.trim_end()});
        properties.insert(format!("option_{parameter}"), schema);
    }
    let mut tool = json!({
        "name": name, "description": "",
        "inputSchema": {"type": "object", "properties": properties}
    });
    let missing = bytes.saturating_sub(tool.to_string().len());
    let description: String = FILLER.chars().cycle().take(missing).collect();
    tool["description"] = Value::String(description);
    tool.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Pages, Size, tool};

    #[test]
    fn tools_have_the_median_size_and_names_of_their_own() {
        let mut sizes: Vec<usize> = (0..1000).map(|number| tool(number, 350).len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes[500], 350);
        assert!(sizes[0] < 200 && sizes[999] == 1400, "{sizes:?}");
        let first: Value = serde_json::from_str(&tool(0, 350)).unwrap();
        assert_eq!(first["name"], "echo");
        let large: Value = serde_json::from_str(&tool(9, 350)).unwrap();
        assert_eq!(large["name"], "tool_0009");
        assert_eq!(
            large["inputSchema"]["properties"]
                .as_object()
                .unwrap()
                .len(),
            9
        );
    }

    #[test]
    fn pages_lead_to_each_other_and_hold_every_tool_once() {
        for (tools, page_size, pages) in [(0, 10, 1), (10, 0, 1), (10, 3, 4), (9, 3, 3)] {
            let list = Pages::new(Size {
                tools,
                tool_bytes: 350,
                page_size,
            });
            let (mut cursor, mut names, mut seen) = (None, Vec::new(), 0);
            loop {
                let page = list.page(cursor.as_deref()).unwrap();
                let page: Value = serde_json::from_str(page).unwrap();
                let found = page["tools"].as_array().unwrap();
                names.extend(found.iter().map(|tool| tool["name"].to_string()));
                seen += 1;
                let Some(next) = page["nextCursor"].as_str() else {
                    break;
                };
                cursor = Some(next.to_owned());
            }
            names.dedup();
            assert_eq!((names.len(), seen), (tools, pages));
            assert!(list.page(Some("1")).is_none());
        }
    }
}
