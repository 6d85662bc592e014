//! Who is no part of the organisation, what it keeps, and the verbs that hand one to the other.
//!
//! Refuses what is made for the other side: an order, an invoice, a message.

use crate::lexicon::{self, about};
use crate::table::Table;
use crate::words::Word;

/// Kinds of words, one bit each.
pub(crate) mod kind {
    /// Hands something on.
    pub(crate) const MOVES: u64 = 1;
    /// The same, in a language in which `a` says to whom.
    pub(crate) const MOVES_ABROAD: u64 = 1 << 1;
    /// Somebody who is no part of the organisation.
    pub(crate) const PARTY: u64 = 1 << 2;
    /// Makes a stranger of who follows.
    pub(crate) const OUTER: u64 = 1 << 3;
    /// A body or a place that may be somebody else's.
    pub(crate) const BODY: u64 = 1 << 4;
    /// What an organisation keeps.
    pub(crate) const DATA: u64 = 1 << 5;
    /// What is made for the other side.
    pub(crate) const DOCUMENT: u64 = 1 << 6;
    /// Lets somebody have something.
    pub(crate) const GIVES: u64 = 1 << 7;
    /// Carries off whatever it is done to.
    pub(crate) const CARRIES: u64 = 1 << 10;
    /// The same for what is written to somebody.
    pub(crate) const SENDS: u64 = 1 << 11;
    /// A part of a machine that is external without being somebody else's.
    pub(crate) const TECHNICAL: u64 = 1 << 12;
    /// A letter, which is made for the other side; as a verb, its sending.
    pub(crate) const LETTER: u64 = 1 << 13;
    /// Says to whom.
    pub(crate) const TO: u64 = 1 << 8;
    /// The same, in other languages.
    pub(crate) const TO_ABROAD: u64 = 1 << 9;
}

static WORDS: Table<2048> = Table::of(&[
    (
        kind::MOVES,
        "send sends sending sync syncs synchronise synchronize synchronises synchronizes mirror \
         mirrors hand hands passes deliver delivers share shares export exports forward \
         forwards transmit transmits upload uploads disclose discloses provide provides supply \
         supplies ship ships stream streams relay relays push pushes pump pumps copy copies \
         replicate replicates transfer transfers mail mails email emails fax faxes furnish \
         furnishes expose exposes leak leaks deposit deposits offload offloads feeds broadcast \
         broadcasts publish publishes dump dumps beam beams uploads siphon siphons handover \
         mailer \
         sender forwarder posts",
    ),
    (
        kind::MOVES_ABROAD,
        "ubergibt ubermittelt uebergibt uebermittelt sendet schickt leitet liefert exportiert \
         ausleiten weitergeben ubergeben ubermitteln herausgeben \
         levert verstrekt stuurt deelt zendt verstrekken leveren uitleveren doorgeven \
         transmet envoie cede communique livre remet partage transmettre ceder communiquer \
         envia comunica entrega comparte facilita transfiere remite comunicar entregar compartir \
         partilha partilhar compartilha repassa fornece repassar fornecer \
         invia condivide consegna trasmette fornisce inviare condividere consegnare trasmettere \
         przekazuje przekaz wysyla wysyła udostepnia udostępnia przekazać \
         lamnar skickar delar overlamnar sander utlamna utleverer udleverer sender videregiver \
         luovuttaa lahettaa jakaa luovuta předá předává predava posílá posila poskytuje sdili \
         předat \
         aktarır aktarir gönderir gonderir paylaşır paylasir átadja atadja küldi kuldi megosztja \
         передает передаёт отправляет выгружает Передает Передаёт Отправляет Выгружает peredat \
         menyerahkan mengirim mengirimkan membagikan memberikan",
    ),
    (
        kind::PARTY,
        "partner partners vendor vendors sponsor sponsors agency agencies counterparty \
         counterparties contractor contractors subcontractor subcontractors freelancer \
         freelancers \
         consultant consultants consultancy outsider outsiders advertiser advertisers broker \
         brokers \
         reseller resellers affiliate affiliates headhunter headhunters recruiter recruiters \
         journalist journalists competitor competitors rival rivals auditor auditors insurer \
         insurers bidder bidders subprocessor subprocessors aggregator aggregators marketplace \
         investor investors lender lenders underwriter underwriters promoter promoters foundry \
         publisher publishers distributor distributors wholesaler wholesalers telemarketer \
         telemarketers marketer marketers collector collectors lobbyist lobbyists detective \
         detectives investigator investigators researcher researchers influencer influencers \
         accountant accountants bookkeeper genealogist historian cooperative university regulator \
         authorities police embassy franchisee franchisees scraper scrapers spammer spammers \
         thirdparty vermarkter steuerberater buchhalter dienstleister auftragnehmer agentur \
         abnehmer fremdfirma wettbewerber \
         lettershop adresshandler afnemer afnemers aannemer derden derde tercero terceros \
         proveedor \
         proveedores contratista agencia competidor prestataire prestataires partenaire \
         partenaires \
         tiers agence concurrent sponsoren fornitore terzi terzo agenzia concorrente fornecedor \
         parceiro parceiros terceiro terceiros podwykonawca partnerowi partnera partnerom \
         press newspaper newspapers media leverantor underleverantor utomstaende konsult \
         kumppani kumppanille alihankkija \
         alihankkijalle ulkopuolinen ulkopuoliselle ulkopuolisille partnerovi dodavatel \
         dodavateli \
         ortak ortağa tedarikci tedarikçi yuklenici partnernek alvallalkozo партнеру партнёру \
         подрядчику mitra samarbetspartner samarbejdspartner",
    ),
    (
        kind::OUTER,
        "external outside third foreign unaffiliated independent commercial opposing \
         advertising ad public \
         offsite thirdparty extern externe externen externer externem externes externo externa \
         externos esterno esterna esterni externi externí externímu zewnętrznej zewnetrzny \
         zewnetrznej zewnętrznemu zewnetrznemu zewnętrznym ekstern eksternt eksterne externt \
         externa \
         ulkoinen ulkoiselle harici dış külső kulso внешней внешнему внешним сторонней сторонним \
         luar ketiga commerciele commercieel kommerziellen kommerzielle comercial tredje treti \
         třetí třetím ucuncu üçüncü harmadik trecera tercera terza terceira",
    ),
    (
        kind::BODY,
        "company companies service services provider providers platform platforms party parties \
         person persons people organisation organization organisations organizations org firm \
         firms \
         system systems cloud lab laboratory network networks endpoint endpoints site server \
         servers \
         counsel subscriber subscribers tenant drive storage bucket collaborator collaborators \
         recipient recipients processor repository consumer consumers client address addresses \
         person firma unternehmen stelle anbieter partij partijen bedrijf dienst empresa entidad \
         persona entreprise societe personne azienda ditta societa podmiot podmiotowi firmie \
         foretag mottagare part yritys taho taholle subjekt strane şirkete kisiye kişiye cegnek \
         félnek felnek компании лицу лицам организации pihak perusahaan virksomhed modtager",
    ),
    (
        kind::DATA,
        "data details record records listing listings log logs history histories profile profiles \
         footage recording recordings chart charts results images scan scans study studies tracks \
         positions telemetry bundle bundles dump backup backups evidence transcript transcripts \
         draft drafts contract contracts document documents docs file files feed plates \
         footprints \
         designs drawings source blueprint blueprints dataset datasets database databases roster \
         rosters list lists phones names cv cvs resume resumes snapshot snapshots table tables \
         rows \
         content contents chat chats conversation conversations voicemail voicemails photos \
         samples genomes dossier dossiers notes annotations spreadsheet spreadsheets redline \
         redlines archive archives excerpt excerpts credentials secrets keys dicom charts claims \
         export exports extract extracts report reports cdrs movements itineraries manuscript \
         manuscripts proof proofs master masters stems artwork catalog price pricelist pricing \
         adressen daten gegevens donnees datos dati dados dane uppgifter tiedot udaje veriler \
         данные liste listado elenco bestand adressbestand kartei kundenkartei dossiers",
    ),
    (
        kind::DOCUMENT,
        "order orders invoice invoices message messages payment payments request requests \
         reminder \
         reminders quote quotes rfq po confirmation notification notifications alert alerts reply \
         response signal command packet invitation invitations newsletter webhook event events \
         referral purchase offer offers ticket shipment parcel goods sample label sms text \
         texts ping packets letter letters card gift money funds tokens \
         coins command commands keystrokes input query prompt question questions answer commits \
         commit refs ref branch tag tags changes pin e",
    ),
    (
        kind::GIVES,
        "give gives grant grants let lets allow allows hand hands offer offers open opens permit \
         permits offnet oeffnet offnen oeffnen gewahrt gewaehrt gewahren raumt erlaubt geeft \
         verleent \
         donne ouvre accorde da abre concede otorga apre concede daje otwiera przyznaje ger \
         giver gir antaa avaa dává otevírá verir açar ad megad открывает Открывает Предоставляет \
         предоставляет memberi memberikan membuka",
    ),
    (
        kind::CARRIES,
        "upload uploads copy copies mirror mirrors replicate replicates sync syncs synchronise \
         synchronises synchronize synchronizes stream streams export exports offload offloads \
         pump \
         pumps siphon siphons push pushes ship ships",
    ),
    (
        kind::SENDS,
        "send sends mail mails email emails fax faxes forward forwards transmit transmits relay \
         relays share shares",
    ),
    (
        kind::TECHNICAL,
        "volume disk drive monitor display table schema id ids ip ips port interface editor url \
         link \
         trigger memory screen dns power reference references key keys secret secrets dependency \
         table tables stage event events change changes library libraries api",
    ),
    (
        kind::LETTER,
        "email emails mail mails fax faxes newsletter letter letters",
    ),
    (kind::TO, "to with into onto via"),
    (
        kind::TO_ABROAD,
        "com con avec met z med an zu bei mit a al alla allo ai aan au aux para ao aos do dla \
         till til kepada ke k ke",
    ),
]);

/// What kinds of word this is, beyond an ending of the plural.
pub(crate) fn kinds(word: &Word) -> u64 {
    WORDS.find(word.hash)
}

/// The kinds of a word by its hash.
pub(crate) fn kinds_of(hash: u64) -> u64 {
    WORDS.find(hash)
}

/// Whether a word is about what an organisation keeps to itself.
pub(crate) fn is_kept(word: &Word) -> bool {
    let kept = about::SENSITIVE | about::CREDENTIAL;
    kinds(word) & kind::DATA != 0 || lexicon::subjects(&word.forms()) & kept != 0
}

/// Hosts where anybody leaves something for anybody: pastes, drops, catchers of requests.
const DROP_HOSTS: &[&str] = &[
    "pastebin.com",
    "hastebin.com",
    "ghostbin.com",
    "dpaste.com",
    "dpaste.org",
    "rentry.co",
    "controlc.com",
    "privatebin.net",
    "termbin.com",
    "ix.io",
    "sprunge.us",
    "paste.ee",
    "paste.rs",
    "pastes.io",
    "transfer.sh",
    "file.io",
    "0x0.st",
    "anonfiles.com",
    "gofile.io",
    "catbox.moe",
    "uguu.se",
    "pixeldrain.com",
    "workupload.com",
    "filebin.net",
    "bashupload.com",
    "sendspace.com",
    "mediafire.com",
    "wetransfer.com",
    "we.tl",
    "dropmefiles.com",
    "sendgb.com",
    "fromsmash.com",
    "tmpfiles.org",
    "temp.sh",
    "oshi.at",
    "mega.nz",
    "krakenfiles.com",
    "1fichier.com",
    "webhook.site",
    "requestbin.com",
    "hookbin.com",
    "beeceptor.com",
    "pipedream.net",
    "oastify.com",
    "burpcollaborator.net",
    "interact.sh",
    "oast.fun",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "requestcatcher.com",
    "justpaste.it",
    "hatebin.com",
    "bpa.st",
    "telegra.ph",
    "gist.github.com",
    "ideone.com",
];

/// Whether a text names such a host: `https://file.io/x`, `pastebin.com`.
pub(crate) fn is_drop(content: &str) -> bool {
    if !(5..=256).contains(&content.len()) || memchr::memchr(b'.', content.as_bytes()).is_none() {
        return false;
    }
    let host = crate::values::host(content)
        .unwrap_or_else(|| content.split('/').next().unwrap_or(content));
    DROP_HOSTS.iter().any(|drop| {
        host.strip_suffix(drop)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_where_anybody_leaves_things_are_known() {
        for (text, expected) in [
            ("https://file.io/x", true),
            ("pastebin.com", true),
            ("https://abc.webhook.site", true),
            ("https://profile.io/x", false),
            ("docs.acme.example", false),
            ("paste", false),
        ] {
            assert_eq!(is_drop(text), expected, "{text}");
        }
    }
}
