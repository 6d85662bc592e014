//! One `subscriptions/listen` of a modern client: what it wants of which server, and under which id
//! it gets it.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::json::quoted;
use crate::names::Naming;
use crate::reply::Outlet;
use crate::said::{Kind, Said};

/// Lists that can change: member of a filter, and the notification.
pub(crate) const LISTS: [(&str, &str); 3] = [
    ("toolsListChanged", "notifications/tools/list_changed"),
    ("promptsListChanged", "notifications/prompts/list_changed"),
    (
        "resourcesListChanged",
        "notifications/resources/list_changed",
    ),
];
pub(crate) const UPDATED: &str = "notifications/resources/updated";
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// One `subscriptions/listen`.
pub(crate) struct Subscription {
    pub(crate) outlet: Outlet,
    /// Its id as it stands in the request.
    pub(crate) id: String,
    pub(crate) lists: Vec<&'static str>,
    /// As its client knows them.
    pub(crate) uris: BTreeSet<String>,
    pub(crate) naming: Naming,
    /// Its client reads too slowly.
    pub(crate) behind: Notify,
}

/// How long others wait for a client that does not read.
const BEHIND: Duration = Duration::from_secs(1);

impl Subscription {
    /// Sends a message that others wait for. A client that does not take it in time is cut off: it
    /// can open another subscription, and knows then that it may have missed something.
    pub(crate) async fn offer(&self, text: String) {
        if timeout(BEHIND, self.outlet.message(text)).await.is_err() {
            self.behind.notify_one();
        }
    }

    /// What it is granted.
    pub(crate) fn acknowledged(&self) -> String {
        let lists = LISTS.iter().filter(|(_, it)| self.lists.contains(it));
        let mut granted: Vec<String> = lists.map(|(key, _)| format!(r#""{key}":true"#)).collect();
        if !self.uris.is_empty() {
            let uris: Vec<String> = self.uris.iter().map(|uri| quoted(uri)).collect();
            granted.push(format!(r#""resourceSubscriptions":[{}]"#, uris.join(",")));
        }
        let (granted, id) = (granted.join(","), &self.id);
        format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\
             \"params\":{{\"notifications\":{{{granted}}},\
             \"_meta\":{{\"{SUBSCRIPTION}\":{id}}}}}}}"
        )
    }

    /// The URIs of this server among those that are wanted, as it knows them.
    pub(crate) fn own_uris(&self, server: &str) -> Vec<String> {
        let own = |uri: &String| self.naming.own_uri(server, uri);
        self.uris.iter().filter_map(own).collect()
    }

    /// What was asked for, under the id of this subscription; the rest is for others.
    pub(crate) fn hears(&self, server: &str, data: &str) -> Option<String> {
        let said = Said::read(data).filter(|said| said.kind == Kind::Notification)?;
        let method = said.method();
        let mut params = format!(r#""_meta":{{"{SUBSCRIPTION}":{}}}"#, self.id);
        if method == UPDATED {
            let uri = self.naming.uri(server, &said.params().text("uri")?);
            let uri = self.uris.get(&uri)?;
            params.push_str(&format!(r#","uri":{}"#, quoted(uri)));
        } else if !self.lists.contains(&&*method) {
            return None;
        }
        Some(format!(
            r#"{{"jsonrpc":"2.0","method":"{method}","params":{{{params}}}}}"#
        ))
    }
}
