//! What parameters mean, by their names, whatever separates the words of a name.

mod audience;
mod parts;
mod payee;

use crate::table::Table;
pub(crate) use audience::chooses_audience;
pub(crate) use parts::{guards, inferred, switched};
pub(crate) use payee::{is_new, is_new_by};

macro_rules! meanings {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal: $words:literal,)*) => {
        /// What a parameter means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Meaning {
            $($(#[doc = $doc])* $name,)*
        }

        impl Meaning {
            const fn numbered(number: u64) -> Option<Self> {
                Some(match number {
                    $($number => Self::$name,)*
                    _ => return None,
                })
            }
        }

        /// The names of each meaning; a name stands in one row only.
        const KEY_ROWS: &[(u64, &str)] = &[$(($number, $words),)*];
    };
}

meanings! {
    /// SQL for sure.
    Sql = 1:
        "sql statement sqlquery sqlstatement statements sqltext sqlcommand rawsql soql cypher \
         sqlscript sqlstring querysql kql tsql ddl dml",
    /// A query in any language.
    Query = 2:
        "query q querystring querytext rawquery document graphqlquery gql mutation queries",
    /// A command line.
    Command = 3:
        "command cmd commandline shellcommand shell commands bash bashcommand terminalcommand \
         cmdline commandtorun exec execcommand sh powershell rediscommand kubectlcommand",
    /// The words of a command line.
    Arguments = 4:
        "args arguments argv commandargs cmdargs flags extraargs parameterslist",
    /// A script.
    Script = 5:
        "script code expression javascript js python pythoncode sourcecode snippet program jscode \
         pagefunction evalstring pyscript codesnippet jsexpression lua luascript function \
         notebookcode cellcode scriptcontent scripttext bodyscript eval",
    /// Where a request goes.
    Url = 6:
        "url uri href targeturl requesturl link endpointurl fullurl website addressurl baseurl \
         apiurl pageurl sourceurl imageurl fileurl remoteurl urls startingurl websiteurl",
    /// The method of a request, or an operation.
    Method = 7:
        "method httpmethod requestmethod verb",
    /// The body of a request.
    Body = 8:
        "body data payload requestbody json postdata formdata jsonbody rawbody form",
    /// Which of its deeds a tool shall do.
    Operation = 9:
        "action operation op subcommand actiontype operationtype actionname taskaction \
         requesttype operationname subaction stateevent ops mutationtype commandtype commandname \
         do useraction bulkaction",
    /// An amount of money.
    Amount = 10:
        "amount total sum value totalamount paymentamount transferamount refundamount price \
         grandtotal amountusd amounteur usdamount quantityusd principalamount totalprice \
         unitamount amountvalue amountdecimal creditamount debitamount budget grossamount \
         netamount subtotal payoutamount chargeamount notional",
    /// An amount in the smallest unit.
    Minor = 11:
        "amountcents amountincents amountminor minoramount amountminorunits amountpence cents \
         valuecents pricecents unitamountcents totalcents minorunits amountinminorunits",
    /// How many are wanted.
    Limit = 12:
        "limit maxresults pagesize perpage top maxitems maxrecords first size rows count \
         resultlimit maxrows max numresults batchsize take rowlimit maxcount pagelimit sizelimit \
         itemsperpage n recordlimit maxentries fetchsize results",
    /// Whether all are meant.
    All = 13:
        "all fetchall fetchallpages selectall everything allrecords allusers includeall getall \
         returnall nolimit unlimited autopaginate paginateall allpages full complete allrows \
         exportall deleteall applytoall alltables allnamespaces allitems",
    /// Which ones are meant.
    Ids = 14:
        "ids recordids userids messageids fileids itemids emailids keys objects items resourceids \
         contactids records paths files names uids orderids ticketids targets",
    /// Whether it is only tried.
    Trial = 15:
        "dryrun dry preview previewonly validateonly simulate simulation simulateonly checkonly \
         planonly whatif noop testonly isdryrun trialrun previewmode validationonly onlyvalidate \
         estimateonly quoteonly checkmode nochanges diffonly dryrunmode",
    /// Whether it is done at all.
    Applied = 16:
        "execute apply applychanges doit performupdate confirmexecution autoapply \
         committransaction executenow wetrun",
    /// Whether resistance is ignored.
    Force = 17:
        "force forced forcepush forcedelete forceful forceoverwrite f ignorewarnings forceflag \
         forceremove forcewithlease forcestop forcereset",
    /// Whether what is there is lost.
    Lost = 18:
        "overwrite permanent permanently hard harddelete purge truncate wipe droptarget \
         deleteexisting overwriteexisting replaceexisting replaceall permanentdelete skiptrash \
         bypasstrash skiprecyclebin allowoverwrite clobber destroy deletedata removedata prune \
         deletelocaldata erase clearexisting dropexisting cascade deletesource removesource \
         removevolumes deletevolumes deletefiles deletecontents cleardata wipedata mirror \
         deleteextraneous droptable dropexistingtable deleteallversions skipfinalsnapshot \
         overwritelive inplacerestore deletebackups deletemissing removemissing",
    /// Who gets it.
    Recipient = 19:
        "to cc bcc recipient recipients toaddress email emails emailaddress toemail \
         emailaddresses useremail useremails attendees invitees sharewith sharedwith grantee \
         grantees member members recipientemail recipientemails collaborators \
         collaborator guests \
         guest invitee usersemail toaddresses destinationemail torecipients ccrecipients \
         bccrecipients delegate delegateemail viewers editors users user userid usernameemail \
         participants reviewers account accountid principalarn trustedaccount externalemail \
         bccaddress ccaddress mailto targetaccount address newowner owner participant \
         subscriberemail useraddress memberid inviteeemail granteeemail principal \
         principals awsaccountid recipientaddress destinatario destinatarios destinataire \
         destinataires empfaenger empfänger",
    /// What goes with it.
    Attachment = 20:
        "attachments attachment attachmentpaths attachmentpath attachedfiles mediaurls mediaurl \
         attach attachmenturl attachfiles fileattachments attachmentids documents",
    /// Whether it is for everybody.
    Public = 21:
        "public ispublic makepublic publiclyaccessible publicaccess allowanonymous anonymous \
         publiclink publicread allowpublicaccess worldreadable isanonymous publishtoweb \
         publicsharing linksharing allowexternal externalsharing isexternal \
         shareexternally discoverable \
         allowguests guestaccess publicurl enablepubliclink publiclyvisible associatepublicip \
         allowpublic publicnetworkaccess",
    /// Whether it is for its owner only.
    Private = 22:
        "private isprivate blockpublicaccess restricted requireslogin requirelogin \
         blockpublicacls restrictpublicbuckets requireauth authrequired authenticationrequired \
         passwordprotected requireauthentication ismember isemployee isstaff isorgmember",
    /// Who may see it.
    Visibility = 23:
        "visibility access accesslevel acl scope sharing privacy audience sharingscope linkaccess \
         generalaccess cannedacl linkscope permission permissions sharetype granteetype \
         accesstype principaltype publicaccesslevel linkpermission sharingtype visibilitylevel \
         accesscontrol sharelevel authtype sharedlinkscope privacylevel accessmode \
         authorizationtype whocanview privacystatus privacysetting sharestatus \
         visibilitystatus viewersscope visibleto allowedusers",
    /// What others may do.
    Role = 24:
        "role roles rolename accessrole permissionlevel rolearn policyarn policyname policyarns \
         privileges privilege permissiontype",
    /// How many copies run.
    Replicas = 25:
        "replicas desiredcount desiredcapacity numreplicas replicacount instances instancecount \
         desiredreplicas nodecount dynos capacity scaleto machinecount desiredsize \
         desirednodes",
    /// Whether it is switched on.
    Enabled = 26:
        "enabled enable active isenabled isactive enforced enforce on required require turnedon \
         isenforced armed activated",
    /// An address that is called with what happens.
    Hook = 27:
        "webhook webhookurl callbackurl callback notificationurl notifyurl deliveryurl hookurl \
         posturl payloadurl statuscallback webhookendpoint callbackuri notifyendpoint eventurl \
         pushendpoint sinkurl responseurl webhooktarget targetwebhook endpoint destination \
         destinationurl sendto deliverto pushurl streamurl logsink replicationtarget exporturl \
         uploadurl remotehost hook destino ziel cible destinazione",
    /// Where mail is passed on to.
    ForwardTo = 28:
        "forwardto forwardingaddress forwardingemail redirectto forwardtoaddress autoforwardto \
         forwardasattachmentto forwardtoemail forwardemail forwardingdestination autoforward \
         forwardaddress redirectaddress copyto mirrorto forwardnumber forwarding forward \
         redirect \
         forwards reroute routeto rerouteto divertto journalto bccto ccto archiveto copyrecipient",
    /// A file.
    Path = 29:
        "path file filepath filename src source sourcepath localpath inputfile absolutepath \
         inputpath documentpath filespath filepaths targetfile localfilepath relativepath \
         sourcefile fullpath targetpath destinationpath dest outputpath directory dir folderpath \
         fileabsolutepath frompath imagepath mediapath filetoupload localfile oldpath newpath \
         destpath outfile outputfile storagepath objectkey resourceuri notepath remotepath \
         remotefile remotefilepath remotefilename sourcefilepath serverpath hostpath \
         containerpath filelocation sourceuri archivepath",
    /// A state that something is put in.
    State = 30:
        "state status newstatus newstate targetstate setstatus desiredstate lifecycle \
         lifecyclestate transition",
    /// Which records are meant.
    Filter = 31:
        "filter where conditions criteria selector match condition filters wherefilter \
         filterexpression searchcriteria whereclause queryfilter filterquery deletefilter \
         updatefilter predicate",
    /// What kind of thing is meant.
    Kind = 32:
        "table tableid tablename collection collectionname entity entitytype resource \
         resourcetype object objecttype dataset type kind model index report reporttype sobject \
         sobjecttype objectname segment list listid database scopename exporttype export \
         sourcetype datatype recordtype module base audienceid listname indexname topic viewname \
         tables resourcekind datasetid doctype collectionid category reportname group what \
         contenttype reportid target collections bucket exportname resources modelname view \
         setting settingname feature featurename control controlname parameter protection",
    /// How it is done.
    Mode = 33:
        "mode strategy writemode deletemode ifexists ifexist onconflict resetmode deletetype \
         writedisposition savemode conflictresolution resettype importmode syncmode updatemode \
         ackmode acknowledgemode receivemode executionmode runmode methodtype deletionmode \
         replacemode behavior loadmode \
         conflictmode \
         disposition restoremode deletionpolicy uploadmode cleanupmode",
    /// The language of a script.
    Language = 34:
        "language lang languageid langid codelanguageid kernelname interpreter runtime \
         kernel scripttype codelanguage executor scriptlanguage",
    /// What others will read.
    Content = 35:
        "content text message description comment note html bodytext markdown notes messagetext \
         texthtml richtext summary title subject caption textbody htmlbody contents filecontent \
         newcontent commentbody messagebody textcontent bodyhtml bodycontent blocks postcontent \
         statustext msg post tweet comments tweettext prompt",
    /// Whether it is put away, or beside what is there.
    Trashed = 36:
        "intrash archived trashed archive isarchived trash totrash movetotrash newinstance \
         asnew newcluster newdatabase tonewinstance restoretonew",
    /// Whether something is guarded.
    Guarded = 37:
        "deletionprotection terminationprotection mfa mfaenabled mfarequired requiremfa \
         encryption encrypted encryptionenabled backupenabled backupsenabled enablebackups \
         protected enforceadmins branchprotection auditlogging auditenabled loggingenabled \
         enablelogging waf wafenabled firewallenabled firewall twofactor twofactorenabled \
         require2fa require2factor sslenforced sslmoderequired requiressl httpsonly versioning \
         versioningenabled requiredreviews requirepullrequest requirecodeownerreviews dnssec \
         disableapitermination deleteprotection pointintimerecovery pitrenabled \
         monitoringenabled \
         alertsenabled antivirusenabled realtimeprotection passwordrequired requireapproval \
         signedcommits multifactor twofactorauth enforcesso ssorequired retentionlock objectlock \
         guardrails enablemonitoring sslverification scanonpush secretscanning pushprotection \
         ratelimiting requirestatuschecks backups logging automatedbackups auditlog deletionlock \
         safemode",
    /// Whether a guard is taken away.
    Unguarded = 38:
        "allowforcepushes allowforcepush allowdeletions disableprotection bypassprotection \
         disablemfa disablelogging disableaudit disablefirewall disablealerts disablemonitoring \
         disablebackups skipverification bypassapproval bypassmfa disableencryption \
         allowinsecure \
         nobackup bypassreview adminoverride",
    /// Addresses that may come in.
    Range = 39:
        "cidr cidrs cidrblock cidrip cidripv4 cidripv6 sourceranges ipranges addresses allowedips \
         sourcecidr sourceip ipaddress ipaddresses sourceaddress remoteip allowlist \
         sourceaddressprefix ingresscidr allowedcidrs iprange sourcerange whitelist \
         remoteipprefix ipwhitelist authorizednetworks sourceips allow",
    /// Whether nobody was ever paid there before.
    NewPayee = 40:
        "newpayee newbeneficiary isnewpayee newrecipient createpayee payeeisnew isnewrecipient \
         firsttimepayee addpayee isnewbeneficiary createbeneficiary newvendor",
    /// Steps of a database.
    Pipeline = 41:
        "pipeline aggregation stages aggregatepipeline aggregationpipeline",
    /// Who may do what, as text.
    Policy = 42:
        "policydocument assumerolepolicydocument policy policyjson bucketpolicy iampolicy \
         trustpolicy policytext resourcepolicy accesspolicy bindings inlinepolicy rules \
         securityrules assumerolepolicy",
    /// A key that opens a door.
    PublicKey = 43:
        "publickey sshkey sshpublickey keydata pubkey publickeybody authorizedkey \
         publickeymaterial sshkeys deploykey",
    /// Whether all beneath it are meant.
    Recursive = 44:
        "recursive recurse r deleterecursively includesubfolders includechildren deletechildren \
         cascadedelete",
    /// Where it happens.
    Place = 45:
        "namespace env environment stage branch cluster tier ns environmentname deployenv \
         targetenvironment stagename targetbranch workspace project databasename projectname ref \
         branchname context",
    /// Whether it is gone or not.
    Deleted = 46:
        "deleted isdeleted delete remove markdeleted todelete shoulddelete removed",
    /// What is sent is cut out of it.
    Columns = 47:
        "fields columns select properties includefields attributes fieldlist projection",
    /// The variables of a GraphQL document, or of a statement.
    Variables = 48:
        "variables params queryparams queryparameters querystringparameters",
    /// Whose or which part of the records is meant.
    Part = 49:
        "department departments team teams site sites location region office employee employees \
         staff cohort class course ward patient patients customer customers subscriber \
         subscribers \
         student students clinic store tenant tenants unit division country building property \
         district districts county precinct borough canton province person persons people \
         player players territory abteilung standort filiale personal",
    /// Whether something is switched off.
    Disabled = 50:
        "disabled disable bypass bypassed inhibit inhibited override overridden suspended muted \
         turnoff switchedoff",
    /// Whether what is secret is shown in clear.
    Reveal = 51:
        "reveal revealvalue revealsecret revealsecrets showsecret showsecrets showpassword \
         showpasswords includesecret includesecrets includepassword includepasswords \
         includecredentials includetokens withsecret withsecrets includeplaintext cleartext \
         plaintext unmask unmasked showplaintext inplaintext decryptvalue decryptvalues \
         withdecryption includesecretvalue includevalue revealed exposesecret exposesecrets \
         inclear showsecretvalue includeprivatekey includekeys includesecretdata",
    /// The same, where the tool is about what is secret.
    Show = 52:
        "show showvalue showvalues includevalues withvalue decrypt decrypted raw clear visible \
         includecontent withvalues fullvalue",
    /// Whether what people keep to themselves is included.
    Personal = 53:
        "includeprivate includepii includeemail includeemails includephone includephones \
         includeaddress includeaddresses includecontacts includebirthday includebirthdate \
         includesensitive includesalary includesalaries \
         includepersonal includepersonaldata withpii includessn includecontactdetails showpii \
         includeconfidential withpersonaldata includemedical includehomeaddress",
    /// Deeds that are done one after the other.
    Steps = 55:
        "steps calls toolcalls toolsteps invocations batchsteps tooluses subcalls operations actions",
    /// How long, or how many of them, something is kept.
    Retention = 56:
        "retention retentionhours retentiondays retentionperiod retentioncount keep keepdays \
         keephours keeplast keepcount keepversions keepbackups keepsnapshots daystokeep \
         hourstokeep versionstokeep backupstokeep retain retaindays retaincount maxagedays \
         olderthandays olderthanhours maxlen",
    /// How many may run at the most.
    Bound = 54:
        "desired maxsize maxreplicas maxinstances desiredinstances desirednumber maxcapacity \
         targetsize targetcapacity targetcount desiredcopies workers pods copies tasks nodes \
         machines quantity",
}

static KEYS: Table<4096> = Table::of(KEY_ROWS);

/// The meaning of the parameter whose name has this hash.
pub(crate) fn meaning(key_hash: u64) -> Option<Meaning> {
    match KEYS.find(key_hash) {
        0 => None,
        number => Meaning::numbered(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::key_hash;

    #[test]
    fn a_name_stands_in_one_row_only() {
        let mut all: Vec<_> = KEY_ROWS
            .iter()
            .flat_map(|(_, row)| row.split_whitespace())
            .collect();
        all.sort_unstable();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn a_parameter_is_known_however_it_is_written() {
        for (key, expected) in [
            ("dry_run", Some(Meaning::Trial)),
            ("dryRun", Some(Meaning::Trial)),
            ("Dry-Run", Some(Meaning::Trial)),
            ("webhook_url", Some(Meaning::Hook)),
            ("SQL", Some(Meaning::Sql)),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(meaning(key_hash(key.as_bytes())), expected, "{key}");
        }
    }
}
