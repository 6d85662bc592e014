//! The words that names of values are made of, and what each says about the value.

use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

/// A set of meanings of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning(u32);

impl Meaning {
    /// What people choose.
    pub(super) const PASSWORD: Self = Self(1 << 0);
    /// What machines make, by a name of its own.
    pub(super) const SECRET: Self = Self(1 << 1);
    /// Names with such a word are about a secret, and hold none.
    pub(super) const ABOUT: Self = Self(1 << 2);
    /// A key, perhaps a secret one.
    pub(super) const KEY: Self = Self(1 << 3);
    /// A token, perhaps a secret one.
    pub(super) const TOKEN: Self = Self(1 << 4);
    /// Keys of another sense.
    pub(super) const PLAIN_KEY: Self = Self(1 << 5);
    /// Tokens of another sense.
    pub(super) const PLAIN_TOKEN: Self = Self(1 << 6);
    /// A telephone.
    pub(super) const PHONE: Self = Self(1 << 7);
    /// What about a telephone is no number.
    pub(super) const NO_PHONE: Self = Self(1 << 8);
    /// A birth.
    pub(super) const BIRTH: Self = Self(1 << 9);
    /// What about a birth is no date.
    pub(super) const NO_BIRTH: Self = Self(1 << 10);
    /// A social security number.
    pub(super) const SSN: Self = Self(1 << 11);
    /// The first half of its name.
    pub(super) const SOCIAL: Self = Self(1 << 12);
    /// The second half.
    pub(super) const SECURITY: Self = Self(1 << 13);
    /// A routing number.
    pub(super) const ROUTING: Self = Self(1 << 14);
    /// Routing of another sense.
    pub(super) const NO_ROUTING: Self = Self(1 << 15);
    /// An account.
    pub(super) const ACCOUNT: Self = Self(1 << 16);
    /// Its number.
    pub(super) const NUMBER: Self = Self(1 << 17);
    /// Both in one word.
    pub(super) const ACCOUNT_NUMBER: Self = Self(1 << 18);
    /// An address.
    pub(super) const ADDRESS: Self = Self(1 << 19);
    /// Addresses of another sense.
    pub(super) const NO_ADDRESS: Self = Self(1 << 20);
    /// A name.
    pub(super) const NAME: Self = Self(1 << 21);
    /// What makes it that of a person.
    pub(super) const FULL: Self = Self(1 << 22);
    /// Both in one word.
    pub(super) const FULL_NAME: Self = Self(1 << 23);
    /// Who has a name.
    pub(super) const PERSON: Self = Self(1 << 24);
    /// Who may be told by name.
    pub(super) const ROLE: Self = Self(1 << 25);
    /// Names of other things.
    pub(super) const NO_NAME: Self = Self(1 << 26);

    /// Whether it holds any of the other's meanings.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What the word means, which is in lower case.
    pub(super) fn of(word: &[u8]) -> Self {
        let hash = xxh3_64(word);
        let mut slot = slot_of(hash);
        while let Some((known, meaning)) = TABLE.get(slot) {
            if *known == hash || *known == 0 {
                return *meaning;
            }
            slot = slot.wrapping_add(1) & (SLOTS - 1);
        }
        Self::default()
    }
}

/// A power of two, at least twice as many as there are words.
const SLOTS: usize = 2048;

const fn slot_of(hash: u64) -> usize {
    // The low eleven bits.
    (hash & 0x7ff) as usize
}

static TABLE: LazyLock<Vec<(u64, Meaning)>> = LazyLock::new(|| {
    let mut table = vec![(0, Meaning::default()); SLOTS];
    for (words, meaning) in WORDS {
        for word in words.split_whitespace() {
            let hash = xxh3_64(word.as_bytes());
            let mut slot = slot_of(hash);
            while let Some(place) = table.get_mut(slot) {
                if place.0 == 0 || place.0 == hash {
                    *place = (hash, place.1.and(*meaning));
                    break;
                }
                slot = slot.wrapping_add(1) & (SLOTS - 1);
            }
        }
    }
    table
});

const WORDS: &[(&str, Meaning)] = &[
    (
        "password passwd pwd pass passphrase passcode passw psw pw contraseña passwort kennwort \
         senha userpass userpassword dbpass pgpassword masterpassword storepass keypass \
         requirepass masterauth",
        Meaning::PASSWORD,
    ),
    (
        "secret secrets apikey apitoken credential credentials authorization bearer secretkey \
         accesskey authkey privatekey clientsecret accesstoken authtoken refreshtoken jwt auth",
        Meaning::SECRET,
    ),
    (
        "hash hashed length len min max policy policies reset hint expiry expires expired \
         expiration age count type name names url uri path file field label placeholder header \
         prefix suffix format regex pattern enabled required strength changed updated created \
         at manager store id ids arn ref version usage limit limits ttl endpoint provider \
         checksum digest sock socket method status attempts confirm description title algorithm \
         alg salt env var public scope scopes mode author authors fingerprint rotation rules",
        Meaning::ABOUT,
    ),
    ("key keys", Meaning::KEY),
    ("token tokens", Meaning::TOKEN),
    (
        "gpg pgp primary foreign public partition sort object cache idempotency row hash index unique \
         composite natural issue project group range i18n translation message map dict json \
         event routing binding storage bucket s3 session dedup deduplication shard parent item \
         field column sorting order custom feature flag lookup search hot arrow shortcut \
         registry queue topic ref publishable host known",
        Meaning::PLAIN_KEY,
    ),
    (
        "next page continuation cursor cancellation max min prompt completion total input \
         output sync pagination progress stop pad eos bos mask special reasoning cached num \
         change start",
        Meaning::PLAIN_TOKEN,
    ),
    (
        "phone phones mobile cell cellphone telephone tel fax msisdn telefon telefono \
         phonenumber whatsapp landline handy homephone workphone mobilephone durchwahl mobiel \
         telefoon rufnummer handynummer telefoonnummer mobilnummer",
        Meaning::PHONE,
    ),
    (
        "id type verified model os count country code extension",
        Meaning::NO_PHONE,
    ),
    (
        "dob birthdate birthday born birth dateofbirth geburtsdatum",
        Meaning::BIRTH,
    ),
    ("place city country year name weight", Meaning::NO_BIRTH),
    ("ssn ssns socialsecurity", Meaning::SSN),
    ("social", Meaning::SOCIAL),
    ("security number no", Meaning::SECURITY),
    ("routing aba rtn routingnumber", Meaning::ROUTING),
    ("key rule rules path table", Meaning::NO_ROUTING),
    ("account acct", Meaning::ACCOUNT),
    ("number no num nr", Meaning::NUMBER),
    ("accountnumber bankaccount acctno", Meaning::ACCOUNT_NUMBER),
    (
        "address addr street adresse direccion indirizzo streetaddress homeaddress residence \
         domicile mailingaddress anschrift endereco",
        Meaning::ADDRESS,
    ),
    (
        "ip ipv mac email mail web url wallet memory eth btc contract bind listen remote host \
         server hash id type network token local peer start base validator hw physical virtual",
        Meaning::NO_ADDRESS,
    ),
    (
        "name names nombre nom nome namn navn nimi naam imie nazwisko surname apellidos",
        Meaning::NAME,
    ),
    ("full real legal", Meaning::FULL),
    (
        "fullname realname legalname cardholder cardholdername customername contactname",
        Meaning::FULL_NAME,
    ),
    (
        "customer contact patient employee holder person guest recipient sender client member \
         student teacher driver passenger beneficiary applicant tenant buyer seller payer payee \
         subscriber resident spouse doctor nurse physician candidate claimant insured borrower \
         signatory witness parent child donor attendee attendees invitee participant \
         participants manager supervisor",
        Meaning::PERSON,
    ),
    (
        "author owner assignee reporter requester requestor agent creator approver reviewer \
         from to cc attn submitter salesperson representative rep user signed organizer speaker \
         instructor lead editor by",
        Meaning::ROLE,
    ),
    (
        "file filename host hostname domain company project product event tool server db \
         database table column class function method username nick nickname login org \
         organization organisation team group role branch repo repository package app \
         application service image container city country state region street bank brand \
         category tag label key field property template job task queue topic bucket id ids \
         email url date at count type status plan campaign school university department \
         variable environment node cluster namespace pod device model channel thread list board \
         space workspace page document folder module library version currency language \
         merchant vendor supplier publisher firm firma employer store shop manufacturer carrier \
         issuer agency empresa azienda societe bedrijf entreprise dealer distributor retailer",
        Meaning::NO_NAME,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_all_their_meanings() {
        assert_eq!(Meaning::of(b"password"), Meaning::PASSWORD);
        assert!(
            Meaning::of(b"name").any(Meaning::NAME) && Meaning::of(b"name").any(Meaning::ABOUT)
        );
        assert_eq!(Meaning::of(b"zebra"), Meaning::default());
        let words: usize = WORDS
            .iter()
            .map(|(words, _)| words.split_whitespace().count())
            .sum();
        assert!(words * 2 < SLOTS);
    }
}
