//! Verbs of Germanic languages.

use super::NOUN;

/// The verbs, each word in one row only; see `Verb::numbered` for the numbers.
pub(in crate::lexicon) const ROWS: &[(u64, &str)] = &[
    // German.
    (
        1,
        "anschauen ansehen aufrufen darstellen druckt durchsuchen einlesen nachsehen schauen \
         stellt zaehlen zaehlt",
    ),
    (1 | NOUN, "pruefung vergleich"),
    (
        2,
        "ablegen absagen abschliessen absenden anfordern anlage annehmen anpassen aufgeben \
         aufnehmen ausfuellen bearbeitung beauftragen einbuchen einstellen eintragung ergaenzen \
         ergaenzt erstellung fortsetzen genehmigen genehmigt hinterlegen hinterlegt neuanlage \
         notieren oeffnen oeffnet sagt speicherung sperren sperrt stornieren storniert \
         terminieren umziehen unterschreiben verbuchen vereinbaren verlegen verlegt vermerken \
         vormerken zuordnen zuordnet zurueckstellen",
    ),
    (
        2 | NOUN,
        "aktualisierung anmelden bestellung buchung erfassung meldung reservierung storno",
    ),
    (
        3,
        "abmelden abreissen aufheben ausmustern aussondern beenden beendet entleeren entleert \
         entsorgen entsorgt entziehen makulieren schwaerzen stilllegen tilgt verschrotten \
         verschrottet verwerfen verwirft wegwerfen zerstoeren zerstoert",
    ),
    (3 | NOUN, "kuendigung loeschung vernichtung"),
    (
        7,
        "absaugen abziehen ausleiten ausleitung auslesen herausgeben",
    ),
    (7 | NOUN, "herausgabe"),
    (
        10,
        "abbuchen anweisen begleichen bezahlt einziehen vergueten zahlt",
    ),
    (
        11,
        "bereitstellen offenlegen preisgeben uebergeben uebergibt uebermittlung veroeffentlichen \
         veroeffentlicht weitergeben",
    ),
    (11 | NOUN, "freigabe weitergabe"),
    (12, "nachsenden weiterreichen"),
    (
        9,
        "abschaltet ausschaltet deaktivierung stummschalten ueberbruecken umgehen",
    ),
    // Dutch.
    (
        1,
        "afdrukken bekijkt bladeren haalt inzien nakijken ophaal opvraag raadpleeg raadplegen \
         tellen toont vind vinden weergave weergeven zien",
    ),
    (1 | NOUN, "lijsten"),
    (
        2,
        "aanmelden aanpassen aanvragen aanvullen accepteren accordeer afsluiten afwijzen annuleer \
         annuleert annuleren bestel bevestig bevestigen bewerk bewerken bijwerk blokkeren boekt \
         goedkeuren herplannen herstart indien inplannen inschrijven instellen intrek invoegen \
         invoer invoeren keurt maakt markeer muteer muteren noteer noteren openen plaatsen \
         registreer registreren reserveer reserveert schrijven sluit sluiten stel toevoeg \
         toewijzen uitstellen verhuizen verlengen verplaats voegt wijzigt",
    ),
    (2 | NOUN, "aanvraag"),
    (
        3,
        "afschaffen afvoeren beeindig beeindigen beeindigt intrekking leegt opheffen opruimen \
         royeren schrap schrappen sloop slopen trekt vernietigt weggooien wis zegt",
    ),
    (3 | NOUN, "vernietiging verwijdering"),
    (7, "exporteert onttrekken uitleveren uitlezen"),
    (7 | NOUN, "bulkuitgifte uitgifte uitlevering"),
    (
        10,
        "afrekenen betaal betaalt koop kopen overboeken overboeking stort storten uitbetalen \
         uitkeren vergoeden",
    ),
    (
        11,
        "deelt doorgeven leveren levert openbaar overdragen publiceer publiceren verstrek \
         verstrekken verstrekking verstrekt vrijgeven",
    ),
    (12, "doorgestuurd doorschakelen omleiden"),
    (
        9,
        "omzeilen overbruggen pauzeren stoppen uitschakelt uitzetten",
    ),
    // Swedish.
    (
        1,
        "granska jamfor kolla las lasa laser oppna rakna raknar soka soker visar",
    ),
    (
        2,
        "aktivera andrar ansok avboka avbokar avbryt avbryter bekrafta bestall boka bokar byt \
         flytta fyll godkann godkanner infoga lagg lagger laggs markera nollstalld planera \
         registrera registrerar reservera schemalagg skapar skickar skriv sparar sparra stang \
         starta tilldela uppdaterar",
    ),
    (
        3,
        "annullera annullerar aterkalla avsluta avslutar forstor forstora gallra kassera kasserar \
         makulera makulerar nollstall raderar raderas rensa rensar skrota slanga tomma tommer",
    ),
    (7, "exportera exporterar"),
    (7 | NOUN, "utdrag"),
    (
        10,
        "aterbetala betala betalar kop kopa overfor overfora utbetala",
    ),
    (10 | NOUN, "utbetalning"),
    (
        11,
        "dela delar lamna lamnar overlamna publicera publicerar utlamna utlamning yppa",
    ),
    (12, "omdirigera vidarebefordra vidarebefordrar vidaresand"),
    (9, "avaktivera inaktivera pausa stoppa stoppar"),
    // Danish.
    (
        1,
        "finder hente henter laes laeser sammenlign soeg sog soger tael tal udskriv vis vise \
         viser",
    ),
    (1 | NOUN, "opslag"),
    (
        2,
        "aendre aendrer afbestil aflys aflyser afvis andre andrer annuller bekraeft bekraft \
         bestil bogfoer bogfor bogfore bogforer flyt gemmer godkend godkender indsaet indsat luk \
         opdater opdaterer oprette oprettelse opretter planlaeg planlag registrer registrerer \
         skift spaer spar tildel tilfoej tilfoje tilfojer udfyld",
    ),
    (
        3,
        "afskaf destruer kasser makuler nedlaeg nedlag nulstil ophaev ophav opsig opsiger ryd \
         skrot sletning slette sletter smid tilbagekald toem udmeld",
    ),
    (7, "eksporter eksporterer udtraek udtrak"),
    (10, "betal betaler kob koeb overfoer refunder udbetal"),
    (10 | NOUN, "udbetaling"),
    (
        11,
        "deler offentliggoer offentliggor udgiv udlever udleverer videregiv videregivelse \
         videregiver",
    ),
    (11 | NOUN, "udlevering"),
    (12, "omdiriger videresend videresender viderestil"),
    (9, "afbryd deaktiver omga omgaa"),
    // Norwegian.
    (1, "finn finner les leser sjekk"),
    (
        2,
        "avbestill avlys bekreft bestill bokfor endre endrer fakturer flytt godkjenn godkjenner \
         lagre lagrer legg legger lukk oppdater oppdaterer opprette oppretter planlegg sett",
    ),
    (
        3,
        "avslutt fjern fjerner kanseller kast nullstill odelegg slettes tilbakekall",
    ),
    (7 | NOUN, "uttrekk"),
    (10, "kjop utbetal"),
    (10 | NOUN, "utbetaling"),
    (
        11,
        "offentliggjor publiser utlever utleverer videreformidle",
    ),
    (11 | NOUN, "utlevering"),
    (9, "stans"),
];
