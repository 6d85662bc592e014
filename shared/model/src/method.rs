//! The methods of the Model Context Protocol, as a client may send them.
//!
//! Names are compared byte by byte: `Tools/Call` is another method, and an unknown one.

use crate::version::Era;

/// What the parameters of a method point at, when policy has to decide about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Nothing in particular.
    None,
    /// `params.name` is a tool.
    Tool,
    /// `params.name` is a prompt.
    Prompt,
    /// `params.uri` is a resource.
    Resource,
    /// `params.ref` is a prompt (`name`) or a resource template (`uri`).
    Reference,
    /// `params.taskId` is a task.
    Task,
}

/// Who may send a method, and in which family of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender {
    Legacy,
    Modern,
    Both,
    Server,
}

macro_rules! methods {
    ($($name:ident $wire:literal $sender:ident $request:literal $subject:ident)*) => {
        /// A method that the gateway knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Method {
            $(#[doc = concat!("`", $wire, "`")] $name,)*
            /// A method that the protocol does not have, or not in this crate.
            Unknown,
        }

        impl Method {
            /// Every known method.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The method with this wire name.
            #[must_use]
            pub const fn named(name: &[u8]) -> Self {
                $(if same(name, $wire.as_bytes()) {
                    return Self::$name;
                })*
                Self::Unknown
            }

            /// The name on the wire; `unknown` for an unknown one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                    Self::Unknown => "unknown",
                }
            }

            /// Whether it is a request; otherwise it is a notification.
            #[must_use]
            pub const fn is_request(self) -> bool {
                match self {
                    $(Self::$name => $request,)*
                    Self::Unknown => true,
                }
            }

            /// What its parameters point at.
            #[must_use]
            pub const fn subject(self) -> Subject {
                match self {
                    $(Self::$name => Subject::$subject,)*
                    Self::Unknown => Subject::None,
                }
            }

            const fn sender(self) -> Sender {
                match self {
                    $(Self::$name => Sender::$sender,)*
                    Self::Unknown => Sender::Server,
                }
            }
        }
    };
}

#[rustfmt::skip]
methods! {
    Initialize "initialize" Legacy true None
    Ping "ping" Legacy true None
    ServerDiscover "server/discover" Modern true None
    ToolsList "tools/list" Both true None
    ToolsCall "tools/call" Both true Tool
    PromptsList "prompts/list" Both true None
    PromptsGet "prompts/get" Both true Prompt
    ResourcesList "resources/list" Both true None
    ResourcesTemplatesList "resources/templates/list" Both true None
    ResourcesRead "resources/read" Both true Resource
    ResourcesSubscribe "resources/subscribe" Legacy true Resource
    ResourcesUnsubscribe "resources/unsubscribe" Legacy true Resource
    SubscriptionsListen "subscriptions/listen" Modern true None
    CompletionComplete "completion/complete" Both true Reference
    LoggingSetLevel "logging/setLevel" Legacy true None
    TasksGet "tasks/get" Both true Task
    TasksUpdate "tasks/update" Modern true Task
    TasksCancel "tasks/cancel" Both true Task
    TasksResult "tasks/result" Legacy true Task
    TasksList "tasks/list" Legacy true None
    Initialized "notifications/initialized" Legacy false None
    Cancelled "notifications/cancelled" Both false None
    Progress "notifications/progress" Both false None
    RootsListChanged "notifications/roots/list_changed" Legacy false None
    TasksStatus "notifications/tasks/status" Both false None
    SamplingCreateMessage "sampling/createMessage" Server true None
    ElicitationCreate "elicitation/create" Server true None
    RootsList "roots/list" Server true None
}

impl Method {
    /// Whether a client may send it in this family of versions.
    #[must_use]
    pub const fn is_of_client(self, era: Era) -> bool {
        matches!(
            (self.sender(), era),
            (Sender::Both, _) | (Sender::Legacy, Era::Legacy) | (Sender::Modern, Era::Modern)
        )
    }
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut rest = (left, right);
    while let ([a, left @ ..], [b, right @ ..]) = rest {
        if *a != *b {
            return false;
        }
        rest = (left, right);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_method() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.name().as_bytes()), *method);
            assert_eq!(
                method.is_request(),
                !method.name().starts_with("notifications/")
            );
        }
    }

    #[test]
    fn another_case_or_spacing_is_another_method() {
        for name in ["Tools/call", "tools/call ", "tools/cal", "TOOLS/CALL", ""] {
            assert_eq!(Method::named(name.as_bytes()), Method::Unknown);
        }
    }

    #[test]
    fn what_2026_removed_is_not_sent_by_its_clients() {
        for method in [Method::Initialize, Method::Ping, Method::LoggingSetLevel] {
            assert!(!method.is_of_client(Era::Modern) && method.is_of_client(Era::Legacy));
        }
        assert!(!Method::ServerDiscover.is_of_client(Era::Legacy));
        assert!(!Method::SamplingCreateMessage.is_of_client(Era::Legacy));
    }
}
