//! How a candidate of each kind is confirmed.

/// Which check confirms a candidate; the numbers stand in snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Validator {
    /// The pattern alone: an operator's own.
    Pattern = 0,
    /// The pattern, and no letter or digit right before or behind it.
    Token = 1,
    /// As `Token`, and the key's body up to its last line belongs to it.
    PrivateKey = 2,
    /// Digits: issuer, length and check digit (ISO/IEC 7812).
    Card = 3,
    /// Country, length and check digits (ISO 13616).
    Iban = 4,
    /// The structure of a US social security number, with dashes.
    Ssn = 5,
    /// Around an `@`.
    Email = 6,
    /// The name of the value and the pattern of all of it.
    Keyed = 7,
    /// The pattern, a check of its own, and words before it.
    Number = 8,
    /// International, North American or national, with words before weak ones.
    Phone = 9,
    /// Capitalised words of the lexicon, or the name of the value.
    Person = 10,
    /// Street, number and place, or the name of the value.
    Address = 11,
    /// A date behind words that announce it.
    Birth = 12,
    /// Digits behind words that announce a bank account.
    Account = 13,
    /// The same for a routing number, with its check digit.
    Routing = 14,
    /// The name of the value, and that it is no plain word.
    Password = 15,
    /// The name of the value, and its entropy.
    Key = 16,
    /// As `Token`, and the password before its last `@` stands in for nothing.
    Url = 17,
    /// A secret of the gateway's own vault.
    Own = 18,
    /// As `Token`, for what the first group holds that takes part, unless it stands in for others.
    Within = 19,
}

impl Validator {
    const ALL: [Self; 20] = [
        Self::Pattern,
        Self::Token,
        Self::PrivateKey,
        Self::Card,
        Self::Iban,
        Self::Ssn,
        Self::Email,
        Self::Keyed,
        Self::Number,
        Self::Phone,
        Self::Person,
        Self::Address,
        Self::Birth,
        Self::Account,
        Self::Routing,
        Self::Password,
        Self::Key,
        Self::Url,
        Self::Own,
        Self::Within,
    ];

    pub(super) fn numbered(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|validator| *validator as u8 == number)
    }

    /// Whether the database finds its candidates.
    pub(super) const fn is_scanned(self) -> bool {
        matches!(
            self,
            Self::Pattern | Self::Token | Self::PrivateKey | Self::Url | Self::Within
        )
    }

    /// Whether its findings count when they are spread over strings: those that have a form or a
    /// name of their own, which numbers and words side by side have not.
    pub(super) const fn may_be_spread(self) -> bool {
        self.is_scanned() || matches!(self, Self::Own | Self::Keyed | Self::Password | Self::Key)
    }

    /// Whether words that name a value lead to its candidates.
    pub(super) const fn has_words(self) -> bool {
        matches!(
            self,
            Self::Keyed
                | Self::Person
                | Self::Address
                | Self::Phone
                | Self::Ssn
                | Self::Birth
                | Self::Account
                | Self::Routing
                | Self::Password
                | Self::Key
        )
    }

    /// The name in catalogues.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pattern => "pattern",
            Self::Token => "token",
            Self::PrivateKey => "private_key",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Ssn => "ssn",
            Self::Email => "email",
            Self::Keyed => "keyed",
            Self::Number => "number",
            Self::Phone => "phone",
            Self::Person => "person",
            Self::Address => "address",
            Self::Birth => "birth",
            Self::Account => "account",
            Self::Routing => "routing",
            Self::Password => "password",
            Self::Key => "key",
            Self::Url => "url",
            Self::Own => "own",
            Self::Within => "within",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|validator| validator.name() == name)
    }
}
