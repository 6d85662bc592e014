//! The verbs, by what they do; see `Verb::numbered` for the numbers.

use super::NOUN;

/// The verbs, each word in one row only.
pub(super) const VERB_ROWS: &[(u64, &str)] = &[
    (
        1,
        "study scan poll abbreviate abfragen abrufen acquire afficher aggregate analyse analyze \
         anzeigen \
         appraise ascertain ask assess audition auflisten ausgeben auskunft auswerten \
         autocomplete backtest baixar beautify bekijk bekijken benchmark berechnen berechnet \
         bereken berekenen browse buscar calcola calcolare calcula calcular calculate calcule \
         calculer can capitalize cat cd cerca cercare cheapest check chercher cite \
         classify compara comparar compare comparer comprobar comprueba concat concatenate \
         confronta conjugate consult consultar consultare consulte consulter controleer \
         controleren controlla controllare convert crawl crop crosscheck crossreference \
         decode decrypt deduce dedupe demonstrate derive descargar describe detect determine \
         devuelve diagnose diarize diff dig disambiguate discover divide download dryrun echo \
         einsehen elenca elencare embed encode encontrar enquire enrich enumerar enumerate \
         ermitteln ermittelt escape estimate estime estimer evaluate examine exibe exibir \
         explain explore fetch find finden findet forecast format gather generate \
         geocode geolocate get gibt glob go goto grab grep haal hae hamta has hent hexists \
         hget hgetall highlight hitta hkeys hole holen hover hvals identify infer inquire \
         inspect interpret interroger introspect investigate iterate is itemise itemize leer lees \
         leggere leggi ler lese lesen lezen liefere liefert lies liest lijst lire list \
         listado listar liste lister listet llen locate look lookup lookupby lowercase lrange \
         ls mask measure mget mostra mostrar mostrare muestra multiply nachschlagen navigate \
         nayta nearest normalise normalize nslookup observe obtain obten obtener obtenir \
         obter obtiene obtient ocr ocrscan ophalen opvragen opzoeken ottenere ottieni \
         paginate paraphrase parse peek pesquisa pesquisar pinpoint plot pokaz predict \
         pretranslate preview procurar pronounce proofread provide pruefe pruefen prueft \
         prufe pruft pwd read reason recall recheck rechercher reckon recommend \
         recommendation recompute recupere recuperer propose redact render obfuscate \
         pseudonymize pseudonymise anonymize anonymise renvoie represent resolve \
         restituisce retorna retourne retrieve return reveal reverify rhyme romanize round \
         rufe ruft sanitize scard scaricare schaetzen scrape scroll search select \
         shorten should show showcase similarity simplify simulate skim slugify smembers sok \
         solve \
         sort spell spellcheck split stem strip subtract suche suchen sucht suggest \
         summarise summarising summarize surface synthesize szukaj tabulate tail take tally \
         telecharger tell think tokenise tokenize tonen toon traceroute transcribe transform \
         translate transliterate traverse triangulate trim trouve trouver trova trovare ttl \
         uberprufen uberpruft ueberpruefen unwrap uppercase validar validate validieren \
         validiert vectorize vergelijk vergleiche vergleichen vergleicht verificar verificare \
         verifie verifier verify visa visit visualise visualiser visualize visualizza \
         visualizzare voir vorschau wait whereis whether whichare whoami whoowns wrap xrange \
         xread zcard zeige zeigen zeigt zoek zoeken zrange zscore",
    ),
    (
        1 | NOUN,
        "abfrage audit average busca capture chart collect compute consulta count debug \
         details display docs draw encrypt exists extract filter graph guess hash head help \
         history \
         info inventory lint load log map match max min monitor outline overview ping plan \
         prepare print profile query quote rank rate receive recherche report research review \
         sample score screenshot stat statistics status stream sum survey test total trace \
         track tree value view watch whois",
    ),
    (
        2,
        "unstage consume feeds passes hands frees federate interconnect interlink aanmaak aanmaken \
         abonnieren abort accept accrue ack ackall acknowledge activar \
         activate activer actualizar add adiciona adicionar adjourn adjudicate adjust \
         administerdose admit adopt advise aendern aendert affecter affix agenda agendar \
         aggiorna aggiornare aggiungere aggiungi agrega agregar ajoute ajouter aktivieren \
         aktiviert aktualisiere aktualisieren allocate allow allowlist altera alterar amend \
         amortize anade anadir andere andern andert andra anlegen anneal annotate announce \
         append apply appoint approve arm arraign arrange asigna asignar assegnare assign \
         associate atribuir attach attivare atualizar authenticate autofill autoscale award \
         backdate backfill backorder ban barcode beantragen bearbeiten bearbeitet bestaetigen \
         bestatigen bestatigt bestellen bestellt bewaar bijwerken bind bindpolicy blacklist \
         blend blocklist boeken boot bootstrap bounce brand brighten buchen bucht \
         build bump cadastra cadastrar calibrate cambiar canary cancel caricare certify \
         chargeback checkin checkoff checkout checkpoint chmod chown claimback clamp click \
         clone close collateralize commander compensate compile compound concede condense \
         configure confirm confiscate connect consign consolidate convene cordon correct \
         craft crea crear creare create cree creer cria criar crossdock cure curtail \
         customise customize cutover cyclecount dampen declare decline decompact decompress \
         decr decrement dedicate deenergise defer define deflate delegate deliver demote \
         denylist deplacer deploy depose deposer depreciate derate desalinate designate \
         detach dial dim disassociate discharge disconnect dismiss dispense distribute divert \
         dock dodaj double downgrade downvote drag dropship drucken duplicate earmark ecrire \
         edit editar educate einladen einreichen eintragen elect elevate embargo emit emite \
         emitir emulate enable endorse energise energize enforce engage enlarge enqueue \
         enqueueall enregistre enregistrer enrol enroll ensure enter envia enviar envoie \
         envoyer equip erect erfassen erfasst eroeffnen eroeffnet eroffnen eroffnet \
         erstelle erstellen erstellt erzeugen erzeugt \
         escalate escribir etch evacuate excuse exempt exercise expedite expire extend \
         fabricate failover fanout fasten faxes faxing fertilize fileclaim fill finalise \
         finalize finetune fix flash follow freeze freigeben fuge fulfil fulfill fund furnish \
         graduate grantitem greylist guarda guardar gunzip halve handover harvest heal hedge \
         hibernate hide hincrby hinzufuegen hinzufugen hire hmset hochladen hoist homologate \
         hospitalize hset humidify illuminate immunize impersonate import impose improve \
         inaugurate incorporate incr incrby increment indemnify indict indienen induct \
         inflate inform infuse ingest init initialise initialize initiate inject inoculate \
         inscribe inscribir inscrire insert install insure integrate interact introduce \
         intubate invalidate invia inviare irrigate isolate join juggle kickoff kitting ladt \
         lagga lapse launch leave legt lend levelup levy lisaa litigate localise \
         localize lodge loosen lower lpush lubricate luo maak mailmerge maintain make \
         manufacture mark matchmake materialize matriculate maximize mediate medicate melden \
         meldet memorise memorize merge mettre migrate minimize mint mitigate mkdir modernize \
         modifica modificar modificare modifie modifier modify modulate mortgage motivate \
         mount move mover mute nack navigateto negotiate nominate normalizein notarize notch \
         notify nudge obligate occupy officiate onboard onboarding opprett opret opslaan \
         organize outfit overbook overdub override oversee pack palletise palletize pardon \
         park parole partition pasteurize patch pause penalize perforate persist petition \
         pick planen planifier plannen pledge plow populate posteditt postpend postpone \
         prefill preheat preload prenotare preorder prepend prescribe presenta presentar \
         preserve prewarm prime prioritise prioritize privatize proceed proctor procure \
         prolong promote propagate prosecute protect provision publish pump punish \
         push put putaway quantise quarantine quench raffle raise ratify react readdress \
         readmit realign reapply rearm rearrange reassign reassociate reattach rebalance \
         rebase rebill rebook reboot rebrand rebroadcast recalculate recalibrate recapture \
         recategorize recertify reclassify reconcile reconfigure reconnect reconstruct \
         recover recruit rectify rededicate redeem redeploy redesign redial redrive reduce \
         refactor refer refill refinance reflash refuel regenerate registra registrar \
         registrare regrade rehash rehire rehome reicht reimport reinforce reinstate \
         reiterate reject rejoin relabel relaunch relicense relist reloadall relocate relog \
         remap remediate remember remix remodel rename renew renombrar renommer renumber \
         reopen reorder reorganize repackage repaint reparent repark repatriate repin reping \
         replace replant replay replenish replicate reply reposition reprice reprint \
         reprioritize reprocess reprogram reprovision republish repurpose requeue requisition \
         reroll reroute rerun resave rescale reschedule reseal reseat resection reseed \
         reserva reservar reserve reserver reserveren reservieren reserviert reshape \
         reshuffle resign resize respawn respond restage restart restock restrict restructure \
         resubmit resubscribe resume resync resynchronise resynchronize retag retain retarget \
         retest rethink retitle retrain retransmit retrofit retry retune retweet reunite \
         reupload revalidate revise revitalize revote rewrite rightsize rinse roast rotate \
         rotateout rpush sadd salva salvar salvare sanction satisfy save say scaffold \
         schedulein schicken schickt schreibe schreiben schreibt schrijf scrivi sculpt seal \
         secure send sende senden sendet serve set setex setnx setup setze setzen setzt shed \
         shelve ship shout showhouse shuffle shutdown sideload silence simmer skapa skicka \
         skip smssend snooze solicit soumet soumettre spawn speak specify speichere speichern \
         speichert spin splice splint sponsor spostare spray sprinkle stabilize stage \
         stagehouse stamp start starten startet steer sterilize stitch stow strengthen stuur \
         subcontract sublease sublet submit subscribe substitute sue summon supervise \
         supplement surrender swaddle swap sweep swipe switch switchover synchronise \
         synchronize synthesise tack takeover tap taper teach teleport temper textmsg thaw \
         throttle tighten tilfoj tilt titrate toast toevoegen toggle touch tragt transcode \
         transfuse transition transmet transmettre transmit transplant transport triage \
         triple tuck tune turnon tutor tweet typeset ubermitteln ubermittelt uebermitteln \
         uebermittelt umbenennen umbuchen unarchive unassign unban unbind unblock uncancel \
         uncheck uncordon undelete underwrite undock unenroll unflag unfollow unfreeze unhide \
         unlabel unlike unlink unlist unlock unmark unmerge unmount unmute unpack unpause \
         unpin unplug unpublish unresolve unseal unset unstake unstar unsubscribe unsuppress \
         unsuspend unshare untag untar untrash unwatch unzip upcharge update upgrade upgradeall \
         upload uppdatera upsell upsert upship upvote utworz vacate vaccinate valider \
         ventilate verlaengern verlangern verplaatsen verschicken verschieben verschiebt \
         versenden versendet versturen verstuur verzend verzenden voeg vote vouch waive wake \
         wallpaper warmup wash weist weld whitelist whiten widen wijzig wijzigen wishlist \
         withhold wrapup write wyslij xadd zadd zip zustellen zuweisen",
    ),
    (
        2 | NOUN,
        "updater creator installer uploader deployer loan alert answer appeal archive auction backup broadcast bet bid bill block book \
         bookmark branch \
         call change claim clean cleanup comment commission commit compact complete compose \
         compress contest cool copy credit cue deployment dispatch dispute dm dose \
         draft drain drive email exchange feedback file fire flag float fork gift grade guard \
         heat hold host house index invoice issue journal label learn lease lift light like \
         link lock login logout mail mandate message minify note offer open optimise optimize \
         order mirror end pair pilot pin place plant play plug port position post power press \
         produce \
         promo pull punch ramp record refresh register reindex release reload rent repair \
         repost resend reverse roll rollout route scale schedule seat seed segment sequence \
         shift sign slot sms snapshot squash stack stake star station stock store supply sync tag \
         task tender ticket tidy train trash treat trigger turn type vacuum wager warm water \
         watermark",
    ),
    (
        3,
        "deleter deplete absorb autoclave deaccession dispose landfill pulp pulverise pulverize \
         pyrolyse scrap discard abolish annihilate annul apaga apagar aufloesen auflosen \
         ausloschen batchdelete \
         bereinigen bereinigt borra borrar bulkdelete burn cancella cancellare clearall \
         cryptoerase cryptoshred cull decimate decommission deforest defund degauss del \
         deletar delete deleteall deletebatch deletemany deleteone demolish deprovision \
         despawn destroy destruir destruye detonate detruire detruit disband disconnectline \
         disdire disintegrate dismantle disown dissolve distrugge distruggere drop dropall \
         dropcollection dropdb droptable ecraser efface effacer elimina eliminar eliminare \
         entferne entfernen entfernt eradicate erase eraseall esvazia esvaziar euthanise \
         euthanize evaporate excise exclui excluir expel expunge extinguish factorywipe \
         flushall flushdb forcepush foreclose forfeit forget hapus harddelete hdel incinerate \
         intrekken kill kuendigen kuendigt kundigen kundigt leegmaken leeren leert liquidate \
         loesche loeschen loescht losch losche lrem löschen löscht multidelete nuke nullify \
         obliterate offboard opzeggen overwrite overwriteall permadelete poista portout \
         purgar purge purgeall purger radera raze reap rebuild recreate reimage reinstall \
         remotewipe removeall repossess rescind rescindere rescindir resetall resilie \
         resilier retire revocar revocare revogar revoke revoquer rm rmdir sakujo scuttle \
         shanchu shred slaughter slet slett srem supprime supprimer suprime suprimir svuota \
         svuotare teardown terminate tilgen truncate truncateall truncatetable uberschreiben \
         udalit ueberschreiben uninstall unlearn unmake unprovision usun usuń vacia vaciar \
         vaporise vaporize vernichten vernichtet vernietig vernietigen verwijder verwijderd \
         verwijderen vider widerrufen widerruft wipe wipeall wissen writeoff xdel zerofill \
         zeroise zeroize zrem zurucksetzen zuruecksetzen",
    ),
    (
        3 | NOUN,
        "blank expulse factoryreset kick lpop pop recycle rpop scrub spop \
         sunset void zap",
    ),
    (
        4,
        "deindex delist depeer depublish deregister detag eject evict exclude excommunicate \
         extirpate kickout oust prune quitar remova remove remover remueve retirar retirer \
         rimuove rimuovere rimuovi takedown togliere unhost unregister withdrawfrommarket",
    ),
    (5, "clear empty flush"),
    (5 | NOUN, "reset"),
    (6, "restore revert rollback undo"),
    (6 | NOUN, "recovery rewind"),
    (
        7,
        "bulkdownload bulkexport bulkextract datadump dumpall esporta esportare exfiltrate \
         exporta exportall exportar exportdata exporte exporteer exporter exporteren \
         exportieren exportiert exportusers leak massexport mysqldump offload pgdump siphon \
         takeout",
    ),
    (7 | NOUN, "dump export unload"),
    (
        8,
        "administer ausfuehren ausfuhren beheren crud do doaction ejecuta ejecutar esegui \
         eseguire eval exec executar execute executer fuehrt fuhrt gere gerenciar gerer \
         gestiona gestionar gestire invoke manage operate orchestrate perform process run \
         runtask uitvoeren use verwalten verwaltet",
    ),
    (
        8 | NOUN,
        "action actions bash batch bulk command console control handle helper helpers management \
         manager operation operations powershell python repl request script shell terminal",
    ),
    (
        9,
        "abschalten ausschalten bypass circumvent deactivate deaktiviere deaktivieren \
         deaktiviert defeat desactiva desactivar desactive desactiver desativa desativar \
         disable disables disarm disattiva disattivare disattivo disengage halt inhibit \
         jumper neutralise neutralize shutoff stop suppress suspend switchoff turnoff \
         uitschakelen unguard unprotect",
    ),
    (9 | NOUN, "off"),
    (
        10,
        "refund auszahlen betalen bezahlen bonificare buy cashout disburse donate erstatten \
         overmaken overpay paga pagar pagare paie pay payall paybatch paybill payer \
         payinvoice payrun prepay reembolsar rembourse rembourser remit \
         repay rimborsa rimborsare runpayroll sendfunds sendmoney sendpayment settle spend \
         terugbetalen transferir transfiere uberweisen uberweist ueberweisen ueberweist virer \
         wiretransfer withdraw zahlen",
    ),
    (
        10 | NOUN,
        "payoff payout auszahlung betaling bonifico cashback charge deposit pagamento pago \
         paiement payday \
         payment purchase reimburse sell tip topup trade transfer transferencia uberweisung \
         ueberweisung virement wire zahlung",
    ),
    (
        11,
        "authorise authorize comparte compartilha compartilhar compartir condividere \
         condividi delen entrust expose give invite partage partager permit teilen teilt \
         unlockfor",
    ),
    (11 | NOUN, "grant share"),
    (
        12 | NOUN,
        "autoforward bcc doorsturen encaminhar forward inoltra inoltrare redirect reenviar \
         relay umleiten weiterleiten weiterleitung",
    ),
];
