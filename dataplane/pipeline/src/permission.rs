//! The one permission that decides both what is listed and what may be called.

use varistor_inspect::glob;
use varistor_model::{Decision, Intent, IntentSet, Reason};
use varistor_snapshot::schema::{ArchivedGrant, ArchivedPolicy, ArchivedRole, kinds};
use varistor_token::Scope;

use crate::desk::Principal;

/// What a permission is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Index of the server.
    pub server: u32,
    /// One bit of `kinds`.
    pub kind: u8,
    /// Name of the tool or prompt, URI of the resource.
    pub name: &'a str,
    /// What it would mean.
    pub intent: Intent,
}

/// What a tool is for, whatever its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// The intent of its calls, unless arguments make it graver.
    pub intent: Intent,
    /// Whether the arguments decide: it runs code, or does one of several things.
    pub is_open: bool,
}

/// What roles and token say about one thing that they permit, before rules, data and limits have a
/// say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A role that permits it wants approval for its intent.
    Held,
    /// A role lists the intent.
    Stated,
    /// Permitted without a word about the intent: the policy's default for it.
    Default(Decision),
}

impl Standing {
    /// What follows, when the organisation's rules decide so, or not at all.
    #[must_use]
    pub fn decision(self, rule: Option<Decision>) -> Decision {
        match (self, rule) {
            (_, Some(Decision::Deny)) => Decision::Deny,
            (Self::Held, _) | (_, Some(Decision::Hold)) => Decision::Hold,
            (Self::Stated, _) | (_, Some(Decision::Allow)) => Decision::Allow,
            (Self::Default(default), Some(Decision::Redact) | None) => default,
        }
    }
}

/// The decision of roles and token about one thing, before data and limits have a say.
///
/// `None`: there is no permission; the thing does not exist for this caller.
#[must_use]
pub fn decide(
    policy: &ArchivedPolicy,
    principal: &Principal,
    ask: &Ask<'_>,
    qualified: &mut String,
) -> Option<Decision> {
    let decision = standing(policy, principal, ask, qualified)?.decision(None);
    (decision != Decision::Deny).then_some(decision)
}

/// What roles and token say about one thing; `None`: there is no permission. Held when any role
/// that permits it wants approval for its intent, stated when any of them lists the intent. The
/// order of roles does not matter.
#[must_use]
pub fn standing(
    policy: &ArchivedPolicy,
    principal: &Principal,
    ask: &Ask<'_>,
    qualified: &mut String,
) -> Option<Standing> {
    if !in_scopes(policy, principal, ask, qualified) {
        return None;
    }
    let (mut granted, mut stated, mut held) = (false, false, false);
    for role in roles(policy, principal) {
        let grants = grants(role, ask.server);
        for grant in glob::candidates(grants, |grant| &*grant.name, ask.name)
            .filter(|grant| covers(grant, ask))
        {
            if grant.deny {
                return None;
            }
            granted = true;
            stated |= grant.stated;
            held |= IntentSet::from_bits(role.hold).contains(ask.intent);
        }
    }
    match (granted, held, stated) {
        (false, _, _) => None,
        (true, true, _) => Some(Standing::Held),
        (true, false, true) => Some(Standing::Stated),
        (true, false, false) => Some(Standing::Default(default_of(policy, ask.intent))),
    }
}

/// Whether a tool exists for the caller: some call of it may be permitted. `base` is what the tool
/// is for; of an open one, the arguments decide. Where rules may allow what defaults deny
/// (`may_allow`), they are not asked yet, and the tool is shown.
#[must_use]
pub fn is_visible(
    policy: &ArchivedPolicy,
    principal: &Principal,
    (server, name, base): (u32, &str, Base),
    may_allow: bool,
    qualified: &mut String,
) -> bool {
    let mut may = |intent| {
        let ask = Ask {
            server,
            kind: kinds::TOOL,
            name,
            intent,
        };
        let standing = standing(policy, principal, &ask, qualified);
        standing.is_some_and(|it| may_allow || it.decision(None) != Decision::Deny)
    };
    may(base.intent) || (base.is_open && Intent::ALL.into_iter().any(may))
}

/// Whether anything of this server is within the caller's reach.
///
/// # Errors
/// [`Reason::ScopeInsufficient`].
pub fn reach(policy: &ArchivedPolicy, principal: &Principal, server: u32) -> Result<(), Reason> {
    let granted =
        roles(policy, principal).any(|role| grants(role, server).iter().any(|grant| !grant.deny));
    let name = usize::try_from(server)
        .ok()
        .and_then(|index| policy.servers.get(index))
        .map(|row| row.name.as_str())
        .ok_or(Reason::RouteUnknown)?;
    let scoped = principal.verified.scopes.iter().all(|scope| {
        let servers = scope.servers.as_deref();
        let tools = scope.tools.as_deref();
        servers.is_none_or(|globs| globs.iter().any(|glob| glob::matches(glob, name)))
            && tools.is_none_or(|globs| {
                globs.iter().any(|glob| {
                    let of_server = glob.split_once('/').map_or(glob.as_str(), |pair| pair.0);
                    glob::matches(of_server, name)
                })
            })
    });
    if granted && scoped {
        Ok(())
    } else {
        Err(Reason::ScopeInsufficient)
    }
}

/// Whether the caller sees everything of this server, so that its lists need no reading.
#[must_use]
pub fn sees_all(policy: &ArchivedPolicy, principal: &Principal, server: u32) -> bool {
    let defaults_deny = policy.defaults.contains(&(Decision::Deny as u8));
    let (mut tools, mut rest) = (false, false);
    for grant in general(policy, principal, server) {
        tools |= is_every_tool(grant) && (grant.stated || !defaults_deny);
        rest |= grant.name == "*" && grant.kinds == kinds::ALL;
    }
    tools && rest && !is_narrowed(principal) && !is_denied_some(policy, principal, server)
}

/// Whether the caller may use every tool of this server. Tasks carry no tool's name, so that only
/// such a caller may look at them or change them.
#[must_use]
pub fn has_all_tools(policy: &ArchivedPolicy, principal: &Principal, server: u32) -> bool {
    general(policy, principal, server).any(is_every_tool)
        && !is_narrowed(principal)
        && !is_denied_some(policy, principal, server)
}

/// The grants that begin with a wildcard, `*` among them.
fn general<'a>(
    policy: &'a ArchivedPolicy,
    principal: &'a Principal,
    server: u32,
) -> impl Iterator<Item = &'a ArchivedGrant> {
    roles(policy, principal)
        .flat_map(move |role| glob::candidates(grants(role, server), |grant| &*grant.name, ""))
}

/// Whether anything of this server is forbidden to the caller.
fn is_denied_some(policy: &ArchivedPolicy, principal: &Principal, server: u32) -> bool {
    roles(policy, principal).any(|role| grants(role, server).iter().any(|grant| grant.deny))
}

/// Whether the token keeps its holder from some tools or intents of the servers that it reaches.
fn is_narrowed(principal: &Principal) -> bool {
    principal.verified.scopes.iter().any(|scope| {
        let intents = scope
            .intents
            .is_some_and(|intents| intents != IntentSet::ALL);
        scope.tools.is_some() || intents
    })
}

/// Whether the grant is of all tools of its server, whatever they do.
fn is_every_tool(grant: &ArchivedGrant) -> bool {
    let intents = IntentSet::from_bits(grant.intents);
    grant.name == "*" && grant.kinds & kinds::TOOL != 0 && intents == IntentSet::ALL
}

fn roles<'a>(
    policy: &'a ArchivedPolicy,
    principal: &'a Principal,
) -> impl Iterator<Item = &'a ArchivedRole> {
    principal
        .roles
        .iter()
        .filter_map(|index| usize::try_from(*index).ok())
        .filter_map(|index| policy.roles.get(index))
}

/// The grants of a role about one server.
fn grants(role: &ArchivedRole, server: u32) -> &[ArchivedGrant] {
    glob::of_server(&role.grants, |grant| grant.server.to_native(), server)
}

fn covers(grant: &ArchivedGrant, ask: &Ask<'_>) -> bool {
    grant.kinds & ask.kind != 0
        && (grant.deny || IntentSet::from_bits(grant.intents).contains(ask.intent))
        && glob::matches(grant.name.as_str(), ask.name)
}

/// The decision when neither role nor rule speaks about the intent.
fn default_of(policy: &ArchivedPolicy, intent: Intent) -> Decision {
    let default = policy.defaults.get(usize::from(intent as u8)).copied();
    default.map_or(Decision::Deny, Decision::numbered)
}

fn in_scopes(
    policy: &ArchivedPolicy,
    principal: &Principal,
    ask: &Ask<'_>,
    qualified: &mut String,
) -> bool {
    if principal.verified.scopes.is_empty() {
        return true;
    }
    let Some(server) = usize::try_from(ask.server)
        .ok()
        .and_then(|index| policy.servers.get(index))
    else {
        return false;
    };
    qualified.clear();
    qualified.push_str(server.name.as_str());
    qualified.push('/');
    qualified.push_str(ask.name);
    let any = |globs: &Option<Vec<String>>, text: &str| {
        globs
            .as_ref()
            .is_none_or(|globs| globs.iter().any(|glob| glob::matches(glob, text)))
    };
    principal.verified.scopes.iter().all(|scope: &Scope| {
        any(&scope.servers, server.name.as_str())
            && any(&scope.tools, qualified)
            && scope
                .intents
                .is_none_or(|intents| intents.contains(ask.intent))
    })
}
