//! Which functions do what: rows by language family, found by the last part of a dotted name.

use std::collections::HashMap;
use std::sync::LazyLock;

use varistor_model::Intent;

use crate::Language;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// This, whatever its arguments.
    Does(Intent, u8, &'static str),
    /// Its first argument is a command, or a list of words that are one.
    Shell,
    /// Its first argument is code of the same language.
    Code,
    /// Its first argument is SQL, if it looks like it.
    Sql,
    /// Its first argument is a path that is read.
    Reads,
    /// Its first argument is a path that is written.
    Writes,
    /// Its first argument is a path that is removed.
    Deletes,
    /// A file is opened; the second argument says how.
    Opens,
    /// A request by this method; empty: the arguments say which.
    Requests(&'static str),
    /// Data goes to the host named in the arguments.
    Sends,
    /// The name of a variable of the environment, or of a stored value, is read.
    Reveals,
}

use Act::{Code, Deletes, Does, Opens, Reads, Requests, Reveals, Sends, Shell, Sql, Writes};

/// Rows by the last part of the names in them.
static INDEX: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static Row)>>> =
    LazyLock::new(|| {
        let mut index: HashMap<&str, Vec<(&str, &Row)>> = HashMap::new();
        for row in ROWS {
            for known in row.1.split_ascii_whitespace() {
                index
                    .entry(split_last(known).1)
                    .or_default()
                    .push((known, row));
            }
        }
        index
    });

/// What a call of this dotted name does.
pub(super) fn of(language: Language, name: &str) -> Option<Act> {
    let rows = INDEX.get(split_last(name).1)?;
    let mut fitting = rows.iter().filter(|(known, (languages, ..))| {
        (languages.is_empty() || languages.contains(&language)) && is_named(name, known)
    });
    fitting.next().map(|(_, row)| row.2)
}

/// Whether a name is this one: `os.remove`, also as the end of a longer one; `.unlink` behind any
/// object; `eval` alone.
fn is_named(name: &str, known: &str) -> bool {
    if let Some(last) = known.strip_prefix('.') {
        let (_, found) = split_last(name);
        return found == last && name.len() > last.len();
    }
    if !known.contains('.') {
        return name == known;
    }
    name.strip_suffix(known)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', ':', '>']))
}

/// A dotted name without its last part, and that part.
pub(super) fn split_last(name: &str) -> (&str, &str) {
    match name.rfind(['.', ':', '>']) {
        Some(at) => {
            let last = name.get(at.saturating_add(1)..).unwrap_or_default();
            (name.get(..at).unwrap_or_default(), last)
        }
        None => ("", name),
    }
}

use Language::{JavaScript as Js, Perl, Php, Python as Py, Ruby, Unknown as Un};

const W: Intent = Intent::Write;
const D: Intent = Intent::Destructive;
const X: Intent = Intent::Exfiltrative;
const R: Intent = Intent::Read;

type Row = (&'static [Language], &'static str, Act);

const ROWS: &[Row] = &[
    (
        &[Py, Un],
        "os.system os.popen subprocess.run subprocess.call subprocess.Popen subprocess.check_output \
        subprocess.check_call subprocess.getoutput subprocess.getstatusoutput commands.getoutput \
        pty.spawn \
        os.execv os.execvp os.execl os.execlp os.spawnl os.spawnv asyncio.create_subprocess_shell \
        asyncio.create_subprocess_exec .system .popen pexpect.spawn pexpect.run sh.Command Popen \
        check_output check_call \
        os.execute .exec_command io.popen",
        Shell,
    ),
    (
        &[Js, Un],
        "child_process.exec child_process.execSync child_process.spawn child_process.execFile cp.exec \
        execSync spawnSync spawn execFile execFileSync exec .execSync .spawnSync .spawn \
        .execFile execa $ \
        execa.command Deno.run Deno.Command Bun.spawn shell.exec shelljs.exec",
        Shell,
    ),
    (
        &[Ruby],
        "system exec spawn Kernel.system Open3.capture3 Open3.capture2 Open3.popen3 IO.popen %x Process.spawn",
        Shell,
    ),
    (&[Perl], "system exec qx", Shell),
    (
        &[Php],
        "system exec shell_exec passthru popen proc_open pcntl_exec",
        Shell,
    ),
    (&[Un], ".setEndpoint", Sends),
    (&[Un], ".lookupCredentials", Does(X, 70, "script.keys")),
    (
        &[Un],
        "system Runtime.getRuntime ProcessBuilder exec.Command Process.Start shell_exec",
        Shell,
    ),
    (
        &[Py, Un],
        "eval exec builtins.eval builtins.exec __builtins__.eval",
        Code,
    ),
    (
        &[Js, Un],
        "eval Function window.eval globalThis.eval vm.runInNewContext vm.runInThisContext vm.Script",
        Code,
    ),
    (&[Ruby], "eval instance_eval class_eval Kernel.eval", Code),
    (&[Perl, Php], "eval assert create_function", Code),
    (
        &[Py],
        "pickle.loads pickle.load marshal.loads dill.loads yaml.unsafe_load",
        Does(D, 50, "script.unpickles"),
    ),
    (
        &[Py],
        "os.environ.get os.getenv os.environ.copy keyring.get_password",
        Reveals,
    ),
    (
        &[Py, Un],
        "os.environ.items os.environ.values",
        Does(X, 58, "script.reads_environment"),
    ),
    (
        &[Js],
        "localStorage.getItem sessionStorage.getItem window.localStorage.getItem",
        Reveals,
    ),
    (
        &[Js],
        "localStorage.setItem sessionStorage.setItem localStorage.removeItem",
        Does(W, 75, "script.stores"),
    ),
    (
        &[Js],
        "localStorage.clear sessionStorage.clear indexedDB.deleteDatabase caches.delete",
        Does(D, 75, "script.clears_store"),
    ),
    (
        &[Py],
        "os.remove os.unlink os.rmdir os.removedirs shutil.rmtree send2trash.send2trash .unlink .rmtree rmtree \
        os.truncate",
        Deletes,
    ),
    (
        &[Js],
        "fs.unlink fs.unlinkSync fs.rm fs.rmSync fs.rmdir fs.rmdirSync fsPromises.rm fsPromises.unlink \
        fs.promises.rm fs.promises.unlink fs.promises.rmdir .unlinkSync .rmSync .rmdirSync \
        unlinkSync rmSync rimraf fse.remove \
        fse.removeSync fs.remove fs.removeSync fse.emptyDir del deleteAsync Deno.remove \
        Deno.removeSync .unlink .rmdir unlink \
        fs.truncate fs.truncateSync rimraf.sync rimrafSync",
        Deletes,
    ),
    (
        &[Ruby],
        "File.delete File.unlink FileUtils.rm FileUtils.rm_rf FileUtils.rm_r FileUtils.remove_dir Dir.rmdir Dir.delete \
        FileUtils.rm_f FileUtils.remove_entry",
        Deletes,
    ),
    (&[Perl, Php], "unlink rmdir remove_tree rmtree", Deletes),
    (
        &[Un],
        "os.remove os.RemoveAll os.Remove Files.delete Files.deleteIfExists File.Delete Directory.Delete fs.remove_file \
        fs.remove_dir_all unlink file.remove .delete_recursively",
        Deletes,
    ),
    (&[Py], "open io.open codecs.open .open", Opens),
    (&[Ruby], "File.open File.new open", Opens),
    (&[Php, Perl], "fopen open", Opens),
    (
        &[Py],
        "os.rename os.renames os.replace os.mkdir os.makedirs os.chmod os.chown os.symlink os.link shutil.copy \
        shutil.copyfile shutil.copy2 shutil.copytree shutil.move .write_text .write_bytes .mkdir \
        .touch .to_csv .to_json \
        .to_excel .to_parquet .to_sql .to_pickle .savefig json.dump pickle.dump np.save \
        zipfile.ZipFile .extractall \
        .symlink_to os.utime shutil.make_archive .chmod",
        Writes,
    ),
    (
        &[Js],
        "fs.writeFile fs.writeFileSync fs.appendFile fs.appendFileSync fs.createWriteStream fs.mkdir fs.mkdirSync fs.rename \
        fs.renameSync fs.copyFile fs.copyFileSync fs.chmod fs.chmodSync fs.symlink fs.cp \
        fs.cpSync fs.promises.writeFile \
        fs.promises.mkdir fs.promises.rename .writeFileSync .writeFile .appendFileSync \
        .mkdirSync .renameSync writeFileSync \
        writeFile fse.outputFile fse.writeJson Deno.writeTextFile Deno.writeFile Bun.write",
        Writes,
    ),
    (
        &[Ruby],
        "File.write IO.write FileUtils.mkdir_p FileUtils.mv FileUtils.cp FileUtils.cp_r FileUtils.touch Dir.mkdir File.rename \
        FileUtils.chmod",
        Writes,
    ),
    (
        &[Php, Perl],
        "file_put_contents fwrite mkdir rename copy move_uploaded_file chmod touch",
        Writes,
    ),
    (
        &[Un],
        "os.WriteFile ioutil.WriteFile os.MkdirAll os.Rename Files.write File.WriteAllText fs.write writeLines write.csv saveRDS",
        Writes,
    ),
    (
        &[Py, Un],
        "pathlib.Path Path .read_text .read_bytes pd.read_csv pandas.read_csv np.load pd.read_json pd.read_excel",
        Reads,
    ),
    (
        &[Js, Un],
        "fs.readFile fs.readFileSync fs.createReadStream fs.promises.readFile .readFileSync .readFile readFileSync \
        readFile Deno.readTextFile Bun.file os.ReadFile ioutil.ReadFile readLines",
        Reads,
    ),
    (
        &[Ruby],
        "File.read IO.read File.readlines File.foreach YAML.load_file",
        Reads,
    ),
    (
        &[Php, Perl],
        "file_get_contents readfile file include require include_once require_once",
        Reads,
    ),
    (
        &[Py],
        "requests.post httpx.post requests.Session.post session.post client.post .post aiohttp.post",
        Requests("POST"),
    ),
    (
        &[Py],
        "requests.put requests.patch httpx.put httpx.patch session.put session.patch",
        Requests("PUT"),
    ),
    (
        &[Py],
        "requests.delete httpx.delete session.delete client.delete",
        Requests("DELETE"),
    ),
    (
        &[Py],
        "requests.get httpx.get session.get requests.head urllib.request.urlretrieve wget.download",
        Requests("GET"),
    ),
    (
        &[Py],
        "requests.request httpx.request urllib.request.urlopen urllib.request.Request urlopen urllib2.urlopen \
        http.client.HTTPSConnection",
        Requests(""),
    ),
    (
        &[Js],
        "fetch window.fetch node_fetch axios axios.request got request $.ajax jQuery.ajax https.request http.request superagent ky \
        undici.request",
        Requests(""),
    ),
    (
        &[Js],
        "axios.post got.post request.post superagent.post ky.post $.post jQuery.post http.post",
        Requests("POST"),
    ),
    (
        &[Js],
        "axios.put axios.patch got.put got.patch request.put ky.put ky.patch",
        Requests("PUT"),
    ),
    (
        &[Js],
        "axios.delete got.delete request.delete ky.delete superagent.delete",
        Requests("DELETE"),
    ),
    (
        &[Js],
        "axios.get got.get request.get https.get http.get $.get $.getJSON jQuery.get ky.get importScripts",
        Requests("GET"),
    ),
    (&[Js], "navigator.sendBeacon sendBeacon", Requests("POST")),
    (
        &[Js],
        "WebSocket RTCPeerConnection EventSource net.connect net.createConnection",
        Sends,
    ),
    (
        &[Ruby],
        "Net.HTTP.post Net::HTTP.post_form Net::HTTP.post HTTParty.post Faraday.post RestClient.post",
        Requests("POST"),
    ),
    (
        &[Ruby],
        "Net::HTTP.get HTTParty.get Faraday.get RestClient.get URI.open",
        Requests("GET"),
    ),
    (
        &[Php],
        "curl_setopt curl_exec",
        Does(W, 50, "script.requests"),
    ),
    (&[Un], "http.Post http.PostForm httpPost", Requests("POST")),
    (&[Un], "http.Get httpGet", Requests("GET")),
    (
        &[Py],
        "socket.create_connection .connect .sendto ftplib.FTP paramiko.Transport .storbinary smtplib.SMTP smtplib.SMTP_SSL",
        Sends,
    ),
    (
        &[Py, Ruby, Perl, Php],
        "TCPSocket.new TCPSocket.open IO.Socket.INET fsockopen stream_socket_client",
        Sends,
    ),
    (
        &[Py, Php, Un],
        ".sendmail .send_message mail",
        Does(W, 60, "mail.sends"),
    ),
    (
        &[Py, Js],
        ".upload_file .upload_fileobj .put_object .upload_blob .upload_from_filename .putObject .uploadFile",
        Does(W, 60, "script.uploads"),
    ),
    (
        &[Py],
        "http.server.HTTPServer HTTPServer socketserver.TCPServer",
        Does(W, 60, "script.serves"),
    ),
    (
        &[Py, Js, Ruby, Php, Un],
        ".execute .executescript .executemany .query .raw .prepare .exec .run .all .read_sql pd.read_sql pd.read_sql_query \
        sqlalchemy.text text .$queryRawUnsafe .$executeRawUnsafe mysqli_query pg_query \
        mysql_query .exec_query .unsafe dbGetQuery dbExecute",
        Sql,
    ),
    (
        &[],
        "os.kill os.killpg process.kill Process.kill .kill .terminate kill posix_kill os.abort",
        Does(D, 70, "process.kills"),
    ),
    (
        &[Py],
        "sys.exit exit quit os.putenv os.setuid",
        Does(R, 70, "script.exits"),
    ),
    (
        &[Js],
        ".click .submit .dispatchEvent document.write document.execCommand history.pushState window.open",
        Does(W, 60, "script.acts_on_page"),
    ),
    (
        &[Py],
        "shutil.disk_usage os.listdir os.walk os.path.exists glob.glob",
        Does(R, 85, "script.reads"),
    ),
    (
        &[Js],
        "chrome.cookies.getAll cookieStore.getAll cookieStore.get",
        Does(X, 70, "script.reads_cookies"),
    ),
];
