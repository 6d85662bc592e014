//! The verbs, by what they do; see `Verb::numbered` for the numbers.

use super::NOUN;

/// The verbs, each word in one row only.
pub(super) const VERB_ROWS: &[(u64, &str)] = &[
    (
        1,
        "abbreviate abrufen acquire afficher aggregate analyse analyze ask assess \
         autocomplete beautify benchmark browse buscar calculate can capitalize cat cd cerca \
         chart check chercher cite classify compare concat concatenate consult consultar \
         convert crawl crop decode decrypt dedupe demonstrate describe detect determine \
         diagnose diff dig discover download dryrun echo elenca embed encode enrich enumerate \
         escape estimate evaluate examine explain explore extract fetch find forecast format \
         gather generate geocode get glob go goto grab grep has hexists hget hgetall \
         highlight hitta hkeys hole hover hvals identify infer inspect interpret introspect \
         investigate is leer leggi ler lese lies lijst list listar liste lister llen locate \
         look lookup lowercase lrange ls mask measure mget mostrar navigate normalise \
         normalize nslookup observe obtain obtener obtenir ocr ottieni paraphrase parse peek \
         plot pokaz poll predict preview proofread provide pwd read reason recall receive \
         rechercher recommend recommendation redact render represent resolve retrieve return \
         reveal round sanitize scan scard scrape scroll search select shorten should show \
         similarity simulate slugify smembers sok solve sort spellcheck split stem strip \
         study suche suggest summarise summarize synthesize szukaj tail take tell think \
         tokenise tokenize toon traceroute transcribe transform translate trim ttl unwrap \
         uppercase validate vectorize verify visa visit visualise visualize wait whether \
         whoami wrap xrange zcard zeige zoek zrange zscore",
    ),
    (
        1 | NOUN,
        "audit average capture collect compute consume count debug details display docs draw \
         encrypt exists filter graph guess hash head help history info inventory lint load \
         log map match max min monitor outline ping plan prepare print profile query quote \
         rank rate report research review sample score screenshot stat statistics status \
         stream sum survey test trace track tree view watch whois",
    ),
    (
        2,
        "abort accept ack acknowledge activate actualizar add adicionar adjust adopt aggiorna \
         aggiungi agregar ajouter aktualisiere aktualisieren allocate allow anadir andere \
         anlegen annotate announce append apply approve arm arrange assign associate attach \
         atualizar authenticate ban bind blacklist boot bootstrap brighten broadcast build \
         calibrate cancel checkin checkout chmod chown claim click clone close configure \
         connect cordon crea crear create creer criar declare decline decompact decompress \
         decr decrement define delegate demote deploy detach dial dim disassociate disconnect \
         dismiss dodaj downvote drag duplicate ecrire edit emulate enable enforce enqueue \
         enrol enroll enviar envoyer erstelle erstellen escalate escribir expire fill \
         finetune fix follow guardar gunzip heal hibernate hide hincrby hire hmset hset \
         import incr incrby increment ingest init initialise initialize initiate inject \
         insert install interact introduce invalidate invia isolate join launch leave lpush \
         maak maintain make mark maximize memorise memorize merge mettre migrate minimize \
         mkdir modifier modify mount move mute notify onboard organize override patch pause \
         persist postpone promote provision publish push put quarantine react rearm rearrange \
         reassign reassociate reboot recalculate reconfigure recover redeploy refactor \
         register reimport reject remember rename renew reopen reorder replace replay reply \
         reroute rerun reschedule reserve resize respond restart resume retry retweet rewrite \
         rotate rpush sadd salva salvar save scaffold schreibe schrijf scrivi seal send sende \
         senden set setex setnx setup shutdown skapa skicka skip snooze speak speichere \
         speichern stage stamp start stow stuur submit subscribe swap swipe switch tap toggle \
         touch tune tweet unarchive unassign unban unbind unblock uncordon undelete unenroll \
         unflag unfollow unhide unlabel unlike unlink unlock unmark unmount unmute unpack \
         unpause unpin unpublish unresolve unseal unset unstar unsubscribe unsuspend untag \
         untar untrash unzip update upgrade upload uppdatera upsert upvote utworz voeg vote \
         wake whitelist wijzig write wyslij xadd zadd zip",
    ),
    (
        2 | NOUN,
        "alert answer archive backup block book bookmark branch call change clean cleanup \
         comment commit compact complete compose compress control copy deployment dispatch dm \
         draft drain email feedback flag fork index issue label learn like link lock login \
         logout mail message minify note open optimise optimize order pin place play post \
         power press produce pull record refresh reindex release reload repair resend reverse \
         roll rollout scale schedule seed sign sms snapshot star store sync tag task ticket \
         tidy train trash trigger turn type vacuum",
    ),
    (
        3,
        "annihilate apagar borra borrar bulkdelete burn cancella cancellare cull decommission \
         del deletar delete deletemany deleteone deprovision destroy drop dropdb effacer \
         elimina eliminar entferne entfernen eradicate erase excluir expunge flushall flushdb \
         forcepush forget hapus hdel kill loesche loeschen losch losche lrem lösche löschen \
         löscht multidelete nuke obliterate offboard overwrite purge radera reap rebuild \
         recreate reimage reinstall rescind retire revoke rm rmdir sakujo shanchu shred srem \
         supprime supprimer teardown terminate truncate udalit uninstall usun usuń verwijder \
         verwijderen wipe writeoff xdel zrem",
    ),
    (
        3 | NOUN,
        "discard expulse factoryreset kick lpop pop recycle rpop scrub spop squash void",
    ),
    (
        4,
        "deregister evict exclude prune quitar remove remover retirer rimuovi takedown \
         unregister",
    ),
    (5, "clear empty flush"),
    (5 | NOUN, "reset"),
    (6, "restore revert rollback undo"),
    (6 | NOUN, "recovery rewind"),
    (
        7,
        "bulkexport exfiltrate exportall leak mysqldump pgdump takeout",
    ),
    (7 | NOUN, "dump export unload"),
    (
        8,
        "administer crud do eval exec execute invoke manage operate orchestrate perform \
         process run use",
    ),
    (
        8 | NOUN,
        "action actions bash batch bulk command console handle helper helpers management \
         manager operation operations powershell python repl request script shell terminal",
    ),
    (
        9,
        "bypass deactivate disable disarm halt stop suspend turnoff",
    ),
    (
        10,
        "buy disburse donate pay payout refund remit settle spend withdraw",
    ),
    (
        10 | NOUN,
        "charge deposit payment purchase reimburse sell tip topup trade transfer wire",
    ),
    (11, "authorise authorize expose give invite permit"),
    (11 | NOUN, "grant share"),
    (12 | NOUN, "forward redirect relay"),
];
