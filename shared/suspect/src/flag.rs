//! What is said about a definition, and from where on a definition counts as suspicious.

use std::fmt;

/// From this confidence on, in percent, a text is suspicious: what `tests/quality.rs` measures.
const SUSPICIOUS_PERCENT: u8 = 60;
/// Characters of an excerpt, before escaping.
const EXCERPT_MAX: usize = 120;

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Characters that nobody sees: tags, zero width, selectors, private use.
    HiddenUnicode,
    /// Characters that turn the direction of writing.
    Bidi,
    /// Control characters that steer terminals.
    ControlCharacters,
    /// A name, or a word, that mixes scripts.
    MixedScriptName,
    /// A name whose characters look like others.
    LookalikeName,
    /// Text outside what a person reads: comments, images that tell an address, far away.
    HiddenText,
    /// Text that claims to come from the system or the user, or cancels instructions.
    Instruction,
    /// The model is to keep something from the person.
    Concealment,
    /// Something that is not the tool's business is to be passed on.
    ExfiltrationRequest,
    /// Keys, passwords or the files that hold them are asked for.
    CredentialRequest,
    /// The use of other tools or servers is regulated.
    CrossTool,
    /// The tool wants to be taken in place of others, or for everything.
    PriorityClaim,
    /// A recipient, an address or an amount is to be changed.
    Redirection,
    /// Consent or confirmation is to be skipped, or what watches over calls to be switched off.
    ConsentBypass,
    /// Code is to be run.
    CodeExecution,
    /// Encoded text that decodes to words.
    EncodedPayload,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::HiddenUnicode,
        Self::Bidi,
        Self::ControlCharacters,
        Self::MixedScriptName,
        Self::LookalikeName,
        Self::HiddenText,
        Self::Instruction,
        Self::Concealment,
        Self::ExfiltrationRequest,
        Self::CredentialRequest,
        Self::CrossTool,
        Self::PriorityClaim,
        Self::Redirection,
        Self::ConsentBypass,
        Self::CodeExecution,
        Self::EncodedPayload,
    ];

    /// The word that stands for it in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HiddenUnicode => "hidden_unicode",
            Self::Bidi => "bidi",
            Self::ControlCharacters => "control_characters",
            Self::MixedScriptName => "mixed_script_name",
            Self::LookalikeName => "lookalike_name",
            Self::HiddenText => "hidden_text",
            Self::Instruction => "instruction",
            Self::Concealment => "concealment",
            Self::ExfiltrationRequest => "exfiltration_request",
            Self::CredentialRequest => "credential_request",
            Self::CrossTool => "cross_tool",
            Self::PriorityClaim => "priority_claim",
            Self::Redirection => "redirection",
            Self::ConsentBypass => "consent_bypass",
            Self::CodeExecution => "code_execution",
            Self::EncodedPayload => "encoded_payload",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// What it is.
    pub kind: Kind,
    /// JSON Pointer (RFC 6901) to the text within the definition.
    pub path: String,
    /// The place, in printable ASCII and letters, everything else escaped; at most 120 characters
    /// of the text.
    pub excerpt: String,
    /// How sure this is, `0..=100`.
    pub confidence_percent: u8,
}

/// Whether these flags, together, make the definition suspicious: some text's flags of different
/// kinds, taken as independent, are surer than the operating point.
#[must_use]
pub fn is_suspicious(flags: &[Flag]) -> bool {
    flags
        .iter()
        .any(|flag| doubt(flags, &flag.path) <= 1.0 - f32::from(SUSPICIOUS_PERCENT) / 100.0)
}

/// How likely it is that a text means no harm, by the surest flag of each kind.
fn doubt(flags: &[Flag], path: &str) -> f32 {
    let of_text = |kind: Kind| {
        let same = flags
            .iter()
            .filter(move |flag| flag.kind == kind && flag.path == path);
        same.map(|flag| flag.confidence_percent).max().unwrap_or(0)
    };
    let left = Kind::ALL
        .into_iter()
        .map(|kind| 1.0 - f32::from(of_text(kind)) / 100.0);
    left.product::<f32>() - 1e-4
}

/// A stretch of text that is safe to print.
pub(crate) fn excerpt(text: &str) -> String {
    let mut shown = String::new();
    for character in text.trim().chars().take(EXCERPT_MAX) {
        let is_plain = character == ' ' || character.is_ascii_graphic();
        if is_plain || (character.is_alphabetic() && !crate::characters::is_unseen(character)) {
            shown.push(character);
        } else {
            shown.push_str(&format!("<U+{:04X}>", u32::from(character)));
        }
    }
    shown
}
