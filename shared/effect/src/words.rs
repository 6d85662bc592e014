//! What names mean: words about people, words about credentials.

/// The words of an identifier, in lower case: `userEmail_2` is `user`, `email`.
pub(crate) fn of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    let mut was_small = false;
    for character in name.chars().take(NAME_CHARACTERS_MAX) {
        if !character.is_alphabetic() {
            is_open = false;
            was_small = false;
            continue;
        }
        if was_small && character.is_uppercase() {
            is_open = false;
        }
        was_small = character.is_lowercase();
        let small = character.to_lowercase();
        match words.last_mut() {
            Some(last) if is_open => last.extend(small),
            _ => words.push(small.collect()),
        }
        is_open = true;
    }
    words
}

/// The longest name that is looked at; databases allow at most 128.
const NAME_CHARACTERS_MAX: usize = 160;

/// Whether rows under this name are people, judged by its last word that means something.
pub(crate) fn is_about_people(name: &str) -> bool {
    let words = of(name);
    let telling = |word: &&String| !is_listed(PADDING, word.as_str());
    let Some(last) = words.iter().rfind(telling) else {
        return false;
    };
    if is_listed(CODES, last.as_str()) {
        return false;
    }
    if words.iter().any(|word| {
        matches!(
            word.as_str(),
            "gl" | "ledger" | "chart" | "service" | "bank"
        )
    }) {
        return false;
    }
    words.iter().any(|word| is_person(word))
}

fn is_person(word: &str) -> bool {
    is_listed(PEOPLE, word)
        || word
            .strip_suffix('s')
            .is_some_and(|one| is_listed(PEOPLE, one))
}

fn is_listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Whether a column of this name tells something about a person.
pub(crate) fn is_personal(name: &str) -> bool {
    let words = of(name);
    let Some(last) = words.last() else {
        return false;
    };
    let is_number = words
        .iter()
        .any(|word| matches!(word.as_str(), "tax" | "steuer" | "national" | "fiscal"));
    if is_number && matches!(last.as_str(), "id" | "number" | "nr" | "no") {
        return true;
    }
    if matches!(
        last.as_str(),
        "id" | "count" | "at" | "verified" | "type" | "status" | "domain"
    ) {
        return false;
    }
    last == "name" && words.len() <= 2
        || words.iter().any(|word| {
            is_listed(PERSONAL, word.as_str())
                || word
                    .strip_suffix('s')
                    .is_some_and(|one| is_listed(PERSONAL, one))
        })
}

/// Whether a column of this name tells how to reach a person, in a table of whatever kind.
pub(crate) fn is_contact(name: &str) -> bool {
    const CONTACT: [&str; 18] = [
        "email", "passport", "emails", "phone", "phones", "mobile", "ssn", "iban", "msisdn",
        "telefon", "telefono", "correo", "courriel", "dni", "cpf", "bsn", "pesel", "steuerid",
    ];
    is_personal(name) && of(name).iter().any(|word| CONTACT.contains(&word.as_str()))
}

/// Whether a value of this name is a credential.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = of(name);
    let Some(last) = words.last() else {
        return false;
    };
    if is_listed(ABOUT, last.as_str()) {
        return false;
    }
    let joined = words.concat();
    words
        .iter()
        .any(|word| is_listed(SECRETS, word.as_str()) || word.ends_with("password"))
        || JOINED.iter().any(|secret| joined.contains(secret))
}

/// Whether a variable of this name, of an environment or of settings, holds a credential: what is
/// secret as a column is, and `STRIPE_KEY`, `SMTP_PASS`, `REDIS_URL`, which carries a login.
#[must_use]
pub fn is_secret_variable(name: &str) -> bool {
    let words = of(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    let is_one = |list: &str| words.iter().any(|word| is_listed(list, word.as_str()));
    match last.as_str() {
        "key" | "keys" => words.len() >= 2 && !is_one(OPEN_KEYS),
        "pass" | "pw" | "creds" | "jwt" | "auth" | "pat" | "psk" | "sas" => words.len() >= 2,
        "url" | "uri" | "dsn" => is_listed(LOGINS, first.as_str()) || is_one("connection"),
        _ => is_secret(name),
    }
}

/// Words that make a key no credential.
const OPEN_KEYS: &str = "public primary foreign sort partition cache object file hot map \
         composite unique idempotency routing translation i18n publishable site";

/// Services whose addresses carry user and password.
const LOGINS: &str = "database db postgres postgresql pg mysql mariadb mongo mongodb redis amqp \
         rabbitmq broker celery jdbc sqlalchemy clickhouse elasticsearch cache smtp mailer";

/// Whether rows under this name are credentials.
pub(crate) fn is_secret_table(name: &str) -> bool {
    let words = of(name);
    let Some(last) = words.last() else {
        return false;
    };
    let plural = |word: &str| matches!(word, "secrets" | "credentials" | "passwords" | "tokens");
    plural(last)
        || JOINED
            .iter()
            .any(|secret| words.concat().trim_end_matches('s').ends_with(secret))
        || (matches!(
            name,
            "shadow" | "gshadow" | "pg_shadow" | "pg_authid" | "mysql.user" | "pg_user_mapping"
        ))
}

/// Words that say nothing of what a row is.
const PADDING: &str = "backup bak old new tmp temp archive copy prod production staging stg \
         all tbl table view \
    dim fact raw data info list v master active t";

/// Words that make a table about people one of codes, settings or numbers.
const CODES: &str = "type types status statuses role roles kind kinds category categories \
         level levels tier \
    tiers plan plans permission permissions code codes flag flags config setting settings \
    migration migrations count counts stat stats version group groups feature features \
    metric metrics preferences segments";

const PEOPLE: &str = "user customer employee patient contact account member lead person \
         people subscriber \
    candidate applicant student guest client profile staff citizen resident donor voter \
    passenger teacher doctor nurse driver buyer individual payroll salaries salary \
    cardholder beneficiary beneficiaries policyholder borrower attendee participant visitor \
    volunteer tenant worker consumer household prospect signup registrant insured \
    prescription diagnoses diagnosis shopper player traveler traveller pupil alumni \
    addressbook mitarbeiter kunde kunden cliente usuario hr crm inmate patienten angestellte \
    angestellten schueler schüler studenten mieter versicherte benutzer nutzer teilnehmer \
    bewerber mitglied mitglieder personen buerger empleado paciente alumno trabajador \
    trabajadores socio persona employe employé salarie salarié utilisateur eleve adherent \
    abonne personne utente utenti dipendente dipendenti clienti paziente pazienti persone \
    funcionario aluno klant klanten medewerker gebruiker werknemer klienci pracownicy \
    uzytkownicy pacjenci kunder anstallda personas pessoa";

const PERSONAL: &str = "email mail phone mobile telephone ssn address street dob birthday \
         birthdate birth \
    surname lastname firstname fullname passport iban salary diagnosis gender religion \
    msisdn nin tin postcode zip cell geburtsdatum geburtstag vorname nachname strasse \
    adresse anschrift telefon handy steuer steuerid steuernummer sozialversicherungsnummer \
    gehalt lohn diagnose correo telefono direccion nombre apellido apellidos dni nif curp \
    sueldo salario prenom nom naissance courriel salaire cognome nome indirizzo \
    codicefiscale stipendio cpf endereco sobrenome bsn geboortedatum achternaam voornaam \
    adres pesel nazwisko imie";

const SECRETS: &str = "password passwd pwd passphrase secret secrets token tokens \
         credential credentials totp \
    otp cvv cvc pin pgpassword apikey passcode mnemonic passwords creds accesskey secretkey \
    privatekey";

/// Credentials whose names are several words.
const JOINED: [&str; 11] = [
    "apikey",
    "privatekey",
    "secretkey",
    "accesskey",
    "encryptionkey",
    "signingkey",
    "passwordhash",
    "authenticationstring",
    "databaseurl",
    "connectionstring",
    "seedphrase",
];

/// Last words that make a name be about a credential, not the credential itself.
const ABOUT: &str = "count counts used usage at on date time type id ids expires expiry \
         expiration length \
    limit limits status changed updated created total policy hint name ttl age required \
    enabled max min url endpoint version file path";
