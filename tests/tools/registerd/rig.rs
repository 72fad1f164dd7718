//! A folder, a registrar and a daemon for one test; all go with it.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done`, within a bound.
pub(crate) fn wait_for(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(process: u32, name: &str) {
    let id = process.to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}

pub(crate) fn lines(text: &str) -> usize {
    text.lines().count()
}

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("registerd-rig-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    #[cfg(feature = "tls")]
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Collects the lines of a stream.
fn collect(stream: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&lines);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            into.lock().unwrap().push(line);
        }
    });
    lines
}

/// The program `registrar` on a port that the kernel chose.
pub(crate) struct Registrar {
    process: Child,
    pub(crate) address: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Registrar {
    pub(crate) fn start(arguments: &[&str]) -> Registrar {
        let mut process = Command::new(env!("CARGO_BIN_EXE_registrar"))
            .arg("--until-eof")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = collect(process.stdout.take().unwrap());
        let address = || {
            let lines = lines.lock().unwrap();
            Some(lines.first()?.strip_prefix("listening on ")?.to_owned())
        };
        wait_for("the registrar", || address().is_some());
        Registrar { process, address: address().unwrap(), lines }
    }

    /// A line for each REGISTER that it has answered.
    pub(crate) fn requests(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line.contains(" REGISTER from ")).cloned().collect()
    }

    pub(crate) fn await_requests(&self, count: usize) {
        wait_for("a REGISTER", || self.requests().len() >= count);
    }

    /// It answers nothing any more, and its port is not refused.
    pub(crate) fn stop(&self) {
        signal(self.process.id(), "STOP");
    }

    /// After [`Registrar::stop`]: it answers again.
    pub(crate) fn go_on(&self) {
        signal(self.process.id(), "CONT");
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

pub(crate) struct Daemon {
    process: Mutex<Child>,
    log: Arc<Mutex<Vec<String>>>,
    control: PathBuf,
}

impl Daemon {
    pub(crate) fn start(folder: &Folder, file: &str, arguments: &[&str]) -> Daemon {
        Daemon::start_with(folder, file, arguments, &[])
    }

    pub(crate) fn start_with(
        folder: &Folder,
        file: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Daemon {
        let program = Command::new(env!("CARGO_BIN_EXE_registerd"));
        Daemon::run(program, folder, file, arguments, environment)
    }

    /// One whose files have no more room than a full disk.
    pub(crate) fn start_on_a_full_disk(folder: &Folder, file: &str, arguments: &[&str]) -> Daemon {
        let mut shell = Command::new("sh");
        let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
        shell.args(["-c", script, env!("CARGO_BIN_EXE_registerd")]);
        Daemon::run(shell, folder, file, arguments, &[])
    }

    fn run(
        mut program: Command,
        folder: &Folder,
        file: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Daemon {
        let control = folder.0.join("control");
        let mut process = program
            .current_dir(&folder.0)
            .args(["--listen", "127.0.0.1:0", "--metrics", "0", "--control", "control"])
            .args(arguments)
            .arg(file)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = collect(process.stderr.take().unwrap());
        let daemon = Daemon { process: Mutex::new(process), log, control };
        wait_for("the daemon", || daemon.log().contains(" added, "));
        daemon
    }

    /// The status and the log of one that ends by itself.
    pub(crate) fn fails(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_registerd"))
            .current_dir(&folder.0)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// A connection to the control socket.
    pub(crate) fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.control).unwrap()
    }

    /// The reply of the control socket.
    pub(crate) fn ask(&self, request: &str) -> Value {
        let mut stream = UnixStream::connect(&self.control).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // One that is refused for its length is not read to its end.
        let _ = stream.write_all(format!("{request}\n").as_bytes());
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub(crate) fn await_registered(&self, count: usize) {
        wait_for("a registration", || self.ask("stats")["states"]["registered"] == count);
    }

    pub(crate) fn metrics_address(&self) -> String {
        let log = self.log();
        let address = log.split_once("http://").unwrap().1.split_once('/').unwrap().0;
        address.to_owned()
    }

    pub(crate) fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.metrics_address()).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("application/openmetrics-text; version=1.0.0"), "{head}");
        body.to_owned()
    }

    fn client(&self, word: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_registerd"));
        command.arg(word).arg("--control").arg(&self.control);
        command
    }

    /// The status of `registerd ctl`.
    pub(crate) fn ctl(&self, request: &[&str]) -> Option<i32> {
        self.client("ctl").args(request).output().unwrap().status.code()
    }

    /// The status of `registerd ctl -` with these lines, and the replies.
    pub(crate) fn ctl_lines(&self, requests: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_registerd"));
        command.args(["ctl", "-", "--control"]).arg(&self.control);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// What `registerd top` prints.
    pub(crate) fn top(&self) -> String {
        String::from_utf8(self.client("top").output().unwrap().stdout).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.process.lock().unwrap().id(), name);
    }

    pub(crate) fn has_control(&self) -> bool {
        self.control.exists()
    }

    /// Ends it by SIGTERM, which takes no long time and leaves no socket. Its whole log.
    pub(crate) fn end(self) -> String {
        self.signal("TERM");
        self.await_end();
        assert!(!self.has_control());
        wait_for("the last line", || self.log().lines().any(|line| line.starts_with("ended")));
        self.log()
    }

    pub(crate) fn await_end(&self) {
        wait_for("the end", || self.process.lock().unwrap().try_wait().unwrap().is_some());
        let status = self.process.lock().unwrap().wait().unwrap();
        assert!(status.success(), "{status}: {}", self.log());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}
