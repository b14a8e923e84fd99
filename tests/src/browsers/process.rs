//! The driver's process: found, started on a port of the system's choice, and surely ended.
//!
//! Ending must also work when a test panics or the test process is killed. The driver therefore runs
//! under a small shell whose standard input we hold: when that closes, for whatever reason, the shell
//! kills its process group. Knows nothing of WebDriver.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use super::patience;

/// Waits for the end of standard input (nobody ever writes there), then kills the whole group, itself
/// included. `read` is a builtin, so nothing else needs to be installed.
const WATCH: &str = r#""$@" </dev/null & read -r never; kill -KILL 0"#;

/// How often a driver is started that finds its port taken.
const MOST_STARTS: usize = 5;
/// What chromedriver says then.
const TAKEN: &str = "IPv4 port not available";

/// A running chromedriver or geckodriver.
#[derive(Debug)]
pub(super) struct Driver {
    shell: Child,
    held: Option<ChildStdin>,
    log: PathBuf,
    /// Where it answers.
    pub(super) address: String,
}

impl Driver {
    /// Starts `program` and waits until its log names the port that it listens on. Asking for port 0
    /// leaves the choice to the system, so two tests never race for one.
    ///
    /// Chromedriver leaves it the choice for IPv6 alone, and then needs the same port for IPv4, where somebody may have it:
    /// it says so and ends before anything has begun (version 156, November 2026). Then another one is started.
    pub(super) async fn start(
        program: &Path,
        arguments: &[String],
        variables: &[(&str, &str)],
        room: &Path,
    ) -> anyhow::Result<Self> {
        for _ in 0..MOST_STARTS {
            let mut driver = Self::run(program, arguments, variables, room)?;
            let listens = patience::until("the driver to listen", patience::DEADLINE, async || {
                let log = driver.log();
                Ok(port_in(&log).map(Some).or(log.contains(TAKEN).then_some(None)))
            });
            let port = listens.await.with_context(|| format!("{} said: {}", program.display(), driver.log()))?;
            if let Some(port) = port {
                driver.address = format!("http://127.0.0.1:{port}");
                return Ok(driver);
            }
        }
        anyhow::bail!("{} found no free port {MOST_STARTS} times", program.display())
    }

    fn run(program: &Path, arguments: &[String], variables: &[(&str, &str)], room: &Path) -> anyhow::Result<Self> {
        let log = room.join("driver.log");
        let output = File::create(&log).context("the driver's log cannot be created")?;
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "sh"])
            .arg(program)
            .arg("--port=0")
            .args(arguments)
            .envs(variables.iter().copied())
            // Both browsers leave sockets and profiles in TMPDIR when they are killed.
            .env("TMPDIR", room)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let held = shell.stdin.take();
        Ok(Self { shell, held, log, address: String::new() })
    }

    /// The shell that the driver, and below it the browser, runs under.
    pub(super) fn shell(&self) -> u32 {
        self.shell.id()
    }

    /// All that the driver, and with Firefox the browser too, wrote to its standard streams.
    pub(super) fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.held.take());
        // The shell kills itself, so this returns at once; it also reaps it.
        let _ = self.shell.wait();
    }
}

/// chromedriver: "… was started successfully on port 40123."; geckodriver: "Listening on 127.0.0.1:40123".
fn port_in(log: &str) -> Option<u16> {
    let after = ["successfully on port ", "Listening on 127.0.0.1:"].iter().find_map(|mark| log.split_once(mark))?.1;
    let end = after.find(|c: char| !c.is_ascii_digit())?;
    after[..end].parse().ok()
}

/// Finds a program on PATH, in /usr/bin or among cargo's installed ones.
pub(super) fn find(names: &[&str], advice: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let folders = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .chain(cargo.map(|home| home.join("bin")))
        .collect::<Vec<_>>();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .with_context(|| format!("{} is not installed: {advice}", names[0]))
}

/// Whether a process exists.
fn alive(pid: u32) -> bool {
    signal(pid, "-0")
}

fn signal(pid: u32, name: &str) -> bool {
    Command::new("kill")
        .args([name, &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Lets a process end by itself for a moment, then ends it.
pub(super) fn end(pid: u32) {
    if !patience::until_blocking(Duration::from_secs(5), || !alive(pid)) {
        signal(pid, "-KILL");
    }
}

#[cfg(test)]
mod tests {
    use super::{Driver, port_in};
    use std::path::Path;

    #[test]
    fn the_port_is_read_from_both_drivers_logs() {
        assert_eq!(port_in("x\nChromeDriver was started successfully on port 40123.\n"), Some(40123));
        assert_eq!(port_in("1795\tgeckodriver\tINFO\tListening on 127.0.0.1:46513\n"), Some(46513));
        assert_eq!(port_in("Listening on 127.0.0.1:4"), None, "the line may be half written");
    }

    #[tokio::test]
    async fn a_driver_that_finds_its_port_taken_is_started_anew() {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/browsers/unlucky-driver.sh");
        for (unlucky, starts) in [("1", true), ("9", false)] {
            let room = tempfile::tempdir().expect("a folder");
            let started = Driver::start(&program, &[], &[("UNLUCKY", unlucky)], room.path()).await;
            assert_eq!(started.map(|it| it.address.clone()).ok(), starts.then(|| "http://127.0.0.1:40123".to_owned()));
        }
    }
}
