//! What words are about.

use super::about;

/// Words, and what they are about; a word may stand in several rows.
pub(super) const SUBJECT_ROWS: &[(u64, &str)] = &[
    (
        about::PEOPLE,
        "user users customer customers contact contacts employee employees member members \
         patient patients lead leads candidate candidates subscriber subscribers client \
         clients person persons people student students staff guest guests attendee attendees \
         applicant applicants payroll salary salaries hr personnel citizen citizens donor \
         donors resident residents profile profiles passenger passengers voter voters \
         prospect prospects audience worker workers contractor contractors cardholder \
         cardholders accountholders borrower borrowers policyholders beneficiaries \
         respondents registrants individuals pii participants kunden mitarbeiter clientes \
         usuarios empleados utilisateurs patientes",
    ),
    (
        about::PRIVATE,
        "voicemail voicemails recording transcript resume cv cvs order orders message messages mail mails email emails transaction transactions \
         payment payments invoice invoices chat chats conversation conversations dm dms inbox \
         mailbox call calls medical diagnosis prescriptions visits claims bookings \
         reservations submissions responses signups accounts tickets recordings transcripts",
    ),
    (
        about::CREDENTIAL,
        "secret secrets password passwords passwd credential credentials apikey apikeys \
         privatekey token tokens keyvault kubeconfig passphrase otp totp seedphrase mnemonic",
    ),
    (about::SESSION, "cookie cookies localstorage sessionstorage"),
    (
        about::PROTECTION,
        "firewall mfa 2fa twofactor waf alarm alarms guardduty encryption retention audit \
         auditing logging cloudtrail antivirus defender dlp captcha sso versioning protection \
         protections monitoring ids ips edr siem guardrail guardrails safeguard ratelimit \
         throttling lock sandbox tls ssl https hsts dnssec dmarc spf verification \
         authentication auth security backups backup failover healthcheck healthchecks \
         watchdog smokealarm smoke detector alert alerts quarantine spamfilter approval \
         approvals privacy intrusion threat malware scanning monitor monitors alerting",
    ),
    (
        about::MONEY,
        "pay payment payments payout payouts transfer transfers refund refunds charge charges \
         wire purchase withdraw withdrawal money funds payroll donation bank ach sepa swift \
         remittance disbursement deposit escrow cash trade buy sell credit loan advance \
         reimbursement bonus stake swap withdrawals disburse remittances donations purchases \
         wires",
    ),
    (
        about::MESSAGE,
        "mail email mails emails message messages sms mms chat dm gmail outlook slack \
         telegram whatsapp discord teams imessage letter fax newsletter smtp ses sendgrid \
         mailgun conversation notification notifications notify announce broadcast",
    ),
    (
        about::PUBLISHED,
        "issue issues comment comments post posts page pages gist gists paste pastebin tweet \
         tweets thread discussion discussions pr pull merge release wiki article articles \
         blog commit commits push channel story stories review reply note notes ticket \
         tickets message messages repo repository forum announcement answer feed case cases \
         incident incidents",
    ),
    (
        about::TELLING,
        "status preview progress confirmation eligibility stats statistics estimate quote \
         instructions guidance details detail info information count counts summary overview \
         metrics usage availability health help docs documentation cost costs price pricing \
         options result results hint hints impact candidates total totals diff explanation \
         reason",
    ),
    (
        about::MAYBE_TELLING,
        "report reports policy policies text log list template templates settings setting \
         config configuration plan rules rule type types name names id ids size date time \
         field fields label labels category categories jobs job tasks items events queue \
         warning warnings message page snapshot state data metadata requests request link \
         format formats history url urls uri version versions schema schemas logs example \
         examples",
    ),
    (
        about::LIGHT,
        "reaction reactions emoji star stars like likes vote votes pin bookmark bookmarks \
         favorite favorites favourite favourites upvote highlight",
    ),
    (
        about::TIE,
        "label labels tag tags reaction member members membership permission permissions \
         assignee assignees reviewer reviewers watcher watchers collaborator collaborators \
         role roles alias aliases subscriber subscribers dependency relation relations \
         relationship link links follower from attendee attendees participant participants \
         access team parent association filter filters sprint milestone blocker mention cc",
    ),
    (
        about::VALUE,
        "text string strings html whitespace shadow background duplicates accents stopwords \
         noise markdown lines characters chars punctuation decimals outliers image images pdf \
         watermark json csv xml yaml words sentence color colour audio silence nulls",
    ),
    (
        about::CACHE,
        "cache caches cached cdn buffer selection screen highlight highlights \
         form input field focus console breakpoints breakpoint clipboard canvas defaults",
    ),
    (
        about::SQL,
        "sql postgres postgresql mysql mariadb sqlite snowflake bigquery redshift clickhouse \
         duckdb oracle mssql sqlserver cockroachdb spanner athena presto trino databricks \
         hive warehouse psql supabase planetscale neon timescaledb soql jdbc odbc druid tsql \
         plsql database",
    ),
    (
        about::SHELL,
        "shell bash sh zsh powershell terminal cmd command commands cli kubectl terraform git \
         docker ssh helm aws gcloud az ansible console exec gh npm systemctl subprocess linux",
    ),
    (
        about::SCRIPT,
        "python python3 javascript js node nodejs typescript script scripts code eval \
         evaluate ruby perl php lua repl notebook jupyter ipython interpreter apex snippet \
         expression deno",
    ),
    (
        about::HTTP,
        "http https request requests curl fetch rest browse httpx",
    ),
    (about::GRAPHQL, "graphql gql"),
    (about::MONGO, "mongo mongodb mongosh documentdb atlas"),
    (about::REDIS, "redis valkey memcached dragonfly keydb"),
    (about::ELASTIC, "elasticsearch elastic opensearch kibana"),
    (
        about::ALL,
        "all entire full everything complete whole every bulk",
    ),
    (
        about::PUBLIC,
        "public publicly anonymous anyone everyone anonymously internet",
    ),
    (
        about::TRASH,
        "trash bin archive recoverable recycle softdelete restorable reversible",
    ),
    (
        about::STORE,
        "database databases db table tables snapshot backup backups dump data dataset \
         datasets schema volume disk bucket collection records instance cluster environment \
         server droplet vm site point production prod keyspace warehouse state",
    ),
    (
        about::HOOK,
        "webhook webhooks hook hooks callback callbacks proxy mirror sink relay logpush \
         forwards forwarder bridge drain collector exporter firehose mirroring shovel syslog",
    ),
    (
        about::ACCESS,
        "permission permissions access acl collaborator collaborators guest guests invitation \
         invitations invite grant share sharing member members membership principal policy \
         binding iam editor viewer delegate delegation sharelink ownership",
    ),
    (
        about::SCALE,
        "scale replicas capacity instances deployment autoscaling nodes nodepool pool \
         concurrency resize dynos",
    ),
    (
        about::DELETION,
        "deletion removal erasure termination destruction purge",
    ),
    (
        about::BROWSER,
        "browser playwright puppeteer selenium page tab webpage dom cdp chrome navigate",
    ),
    (
        about::FORWARDING,
        "forwarding forwarder forwarders autoforward inboxrule redirection",
    ),
    (
        about::FILE,
        "file files path paths directory folder folders document fs filesystem",
    ),
    (
        about::UPLOAD,
        "upload uploads publish attach attachment attachments push deploy host",
    ),
    (
        about::GIT,
        "git repo repository repositories github gitlab bitbucket branch commit push",
    ),
    (
        about::LINK,
        "link links url access visibility share sharing sharelink bucket acl available visible \
         readable \
         accessible viewable internet exposed",
    ),
    (
        about::CELL,
        "range ranges cell cells sheet worksheet workbook excel spreadsheet document doc slide \
         column \
         columns row rows paragraph footnotes docx xlsx presentation",
    ),
    (
        about::DISK,
        "volume disk partition drive sdcard filesystem usb",
    ),
    (about::FACTORY, "factory"),
    (
        about::CLOSED,
        "block deny prevent restrict private lock restricted forbid hide protect unshare",
    ),
    (
        about::METADATA,
        "names metadata list status versions version policy policies usage expiry expiration \
         rotation scanning alerts alert count limit limits price pricing",
    ),
    (
        about::PEOPLE,
        "timesheet timesheets appraisals absences patron patrons viewer claimant claimants insured insureds policyholder viewers \
         player players \
         pupil pupils teacher teachers driver drivers rider riders tenant tenants visitor \
         visitors traveller travellers traveler travelers tourist household households payslip \
         payslips headcounts taxpayer taxpayers constituent constituents beneficiary members \
         caller callers congregants parishioners inmate inmates defendant defendants plaintiff \
         plaintiffs witness witnesses juror jurors learner learners alumni parents parent \
         children child minors volunteer volunteers buyers shoppers shopper sellers listeners \
         readers followers subscribers cdr cdrs debtor debtors payees landlords recipients \
         mieter versicherte versicherten patienten kundin schueler schuler angestellte gehalt \
         gehalter gehaelter lohn lohne loehne personal bewerber mitglieder salaires salaire \
         employes abonnes eleves locataires nomina empleado alumnos pacientes inquilinos \
         socios dipendenti clienti pazienti stipendi funcionarios alunos klanten medewerkers \
         personeel salarissen huurders leerlingen colleague colleagues",
    ),
    (
        about::SENSITIVE,
        "salary salaries payroll wages wage payslip payslips medical diagnosis diagnoses \
         prescriptions ssn passport passports cdr cdrs borrowing biometric biometrics genome \
         fingerprints birthdates dob gehalt gehalter gehaelter lohn loehne salaires nomina \
         stipendi salarissen iban ibans addresses phone criminal health testresults ballots \
         whereabouts disciplinary compensation vitals grades",
    ),
    (
        about::CREDENTIAL,
        "seed mnemonics passwort passworter zugangsdaten contrasena contrasenas kennwort \
         wachtwoord \
         motdepasse keystore keyfile keypair privkey pem pkcs12 truststore pins",
    ),
    (
        about::PROTECTION,
        "interlock interlocks malware spam phishing estop safety sprinkler sprinklers cctv \
         immutability immutable tamper geofence kyc aml fraud sanctions moderation csrf \
         safeguards guard guards rcd breaker sis scram deadman lockout loto immobiliser \
         immobilizer allowlist denylist blocklist dkim mta ddos replication journaling \
         watchtower surveillance alarmanlage virenschutz sicherung pare-feu cortafuegos \
         antispam passcode biometrics geofencing parental childlock seatbelt airbag valve \
         overpressure relief trip proctoring anticheat drm vpn segmentation isolation",
    ),
    (
        about::MONEY,
        "payrun paycheck paychecks disbursements settlement settlements lastschrift \
         uberweisung ueberweisung uberweisungen virement virements transferencia \
         transferencias bonifico zahlung zahlungen zahllauf paiement paiements pago pagos \
         pagamento betaling betalingen gehaltslauf lohnlauf auszahlung nomina dividend \
         dividends royalties royalty commission treasury invoice invoices bill bills \
         settle remit payable payables grant grants claim indemnity prize compensation \
         salary salaries wages batch",
    ),
    (
        about::TELLING,
        "headcount forecast balance tariff tariffs timetable roster leaderboard scoreboard \
         uptime latency coverage standings score grades heartbeat readings telemetry trend \
         trends breakdown ratio risk glossary manifest changelog capabilities quota quotas",
    ),
    (
        about::HOLD,
        "legal litigation preservation retention compliance evidence hold holds immutability",
    ),
    (
        about::CODE_IMAGE,
        "firmware ota bootloader plugin plugins extension addon installer bios uefi plc apk \
         playbook",
    ),
    (
        about::ARTEFACT,
        "image images container package packages artifact artifacts artefact registry gem \
         wheel crate npm pypi docker oci tarball chart jar nuget",
    ),
    (
        about::SOFT,
        "soft reboot warm restart view zoom viewport layout",
    ),
    (
        about::ROUTING,
        "rule rules filter filters routing route routes forwarding sieve mailbox inbox transport \
         journal journaling divert diversion callforward regel regeln",
    ),
    (
        about::CONTRACT,
        "contract contracts lease policy vertrag vertrage vertraege contrat contrats contrato \
         contratto tarif mandate mandates tenancy msisdn line",
    ),
    (
        about::DUPLICATE,
        "duplicate duplicates records record identities identity accounts account contacts \
         profiles entities mrn",
    ),
    (
        about::SERIAL,
        "lot lots product products device devices vehicle vehicles shipment shipments batch \
         batches article consignment",
    ),
    (
        about::SHARING,
        "share shareable shared sharing invite invitation presigned guest public anyone \
         sharelink",
    ),
    (
        about::ELSEWHERE,
        "carrier carriers operator provider registrar rival competitor",
    ),
    (
        about::VALUE,
        "camera photo photos picture pictures webcam still markup diacritics accent umlauts \
         newlines newline linebreaks linebreak spaces tabs indentation padding ansi boilerplate \
         formatting emojis vowels consonants digits quotes hyphens entities ligatures bom blanks \
         symbols stopword substring substrings prefixes suffixes bbcode svg jpeg png background",
    ),
    (
        about::PEOPLE,
        "voter donor citizen resident passenger subscriber attendee prospect respondent \
         registrant individual participant electorate electoral voterroll",
    ),
    (about::SENSITIVE, "electoral lohnliste"),
    (about::PROTECTION, "anti cheat anticheat"),
    (
        about::SAFETY,
        "interlock interlocks safety estop trip trips sis lockout scram relief guard",
    ),
    (about::DRAFT, "draft drafts"),
    (about::WEB, "web"),
    (
        about::VAULT,
        "vault vaults keychain keyring keyrings strongbox keyvault",
    ),
    (about::POINTER, "mouse pointer cursor"),
    (about::FORWARDING, "forward forwards weiterleitung"),
    (
        about::PROTECTION,
        "suppression extinguisher ventilation purifier filtering guarded dlq quorum seals",
    ),
    (
        about::CREDENTIAL,
        "creds cred passphrases passcode passcodes accesskey accesskeyid secretaccesskey \
         sessiontoken sessionkey accesstoken refreshtoken apitoken authtoken clientsecret \
         secretkey psk recoveryphrase connectionstring masterkey privatekeys",
    ),
    (about::VAULT, "onepassword bitwarden keepass secretstore"),
    (
        about::ENVIRON,
        "environ envvar envvars dotenv printenv getenv environmentvariables envvariables \
         configvars",
    ),
    (
        about::EVENT,
        "event events meeting meetings calendar appointment appointments invite invites \
         invitation invitations invitees attendees webinar",
    ),
    (
        about::HOLDER,
        "mailbox mailboxes inbox mail mails email emails bucket buckets objects blobs \
         conversations recordings resumes transcripts messages documents notes photos",
    ),
    (
        about::SETTING,
        "parameter parameters setting settings variable variables config configuration \
         property properties registry ssm kv env preference value",
    ),
    (
        about::TREE,
        "directory directories folder folders tree subtree prefix",
    ),
    (
        about::SHARING,
        "embed embedding embeds iframe presign presigned ics ical signedurl uuid",
    ),
    (about::LINK, "embed embedding iframe uuid feed address"),
    (about::FORWARDING, "forwarded redirects bcc"),
    (about::PROTECTION, "rls bruteforce protected unprotected"),
    (about::TELLING, "proposal proposals meta"),
    (about::CREDENTIAL, "puk"),
];
