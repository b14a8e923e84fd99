//! The DevTools protocol over a pipe, beside chromedriver's own connection.
//!
//! Needed for what WebDriver and chromedriver's HTTP door cannot do: installing an unpacked extension
//! (Chromium accepts `Extensions.loadUnpacked` from a pipe only), reaching popups and the worker, and
//! hearing their console. When the pipe closes Chromium ends itself, so a killed test leaves nothing.
//! Knows nothing of Longkey.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Said, patience};

/// What the reading task and the asking side share.
#[derive(Debug, Default)]
struct Shared {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    /// Session by target, for targets that we are attached to.
    sessions: HashMap<String, String>,
    /// Whether workers are attached to as well.
    workers: bool,
    /// Targets that we asked to be attached to.
    asked: HashSet<String>,
    /// How many script contexts a session has seen begin. A worker that starts again keeps its
    /// target and its session, but gets a new context.
    contexts: HashMap<String, u64>,
    /// Address by session, for the console.
    addresses: HashMap<String, String>,
    said: Vec<Said>,
    /// Whether the mark of [`Pipe::hear_the_end`] has come.
    ended: bool,
}

/// An open pipe.
#[derive(Debug)]
pub(super) struct Pipe {
    writer: Arc<tokio::sync::Mutex<pipe::Sender>>,
    shared: Arc<Mutex<Shared>>,
    reader: JoinHandle<()>,
    from: PathBuf,
}

/// What [`Pipe::hear_the_end`] writes behind the browser's last word.
const END: &str = "Longkey.end";

impl Pipe {
    /// Makes the two named pipes in `room` and opens our ends. Opening for reading and writing does not
    /// wait for the other side, which starts later.
    pub(super) fn open(room: &Path) -> anyhow::Result<Self> {
        let (to, from) = (room.join("to-browser"), room.join("from-browser"));
        let made = Command::new("mkfifo").args([&to, &from]).status()?.success();
        anyhow::ensure!(made, "mkfifo failed");
        let mut options = pipe::OpenOptions::new();
        options.read_write(true);
        let writer = Arc::new(tokio::sync::Mutex::new(options.open_sender(&to)?));
        let shared = Arc::new(Mutex::new(Shared::default()));
        let receiver = options.open_receiver(&from)?;
        let reader = tokio::spawn(listen(receiver, writer.clone(), shared.clone()));
        Ok(Self { writer, shared, reader, from })
    }

    /// Starts attaching to every page and popup, now and later, and if asked to workers, to hear their
    /// consoles.
    /// (`Target.setAutoAttach` at the browser leaves popups out: Chromium 156.)
    pub(super) async fn attach_to_all(&self, workers: bool) -> anyhow::Result<()> {
        self.shared.lock().expect("no holder of this lock panics").workers = workers;
        self.ask(None, "Target.setDiscoverTargets", json!({ "discover": true })).await?;
        Ok(())
    }

    /// Sends a command, to the browser or to a session, and waits for the answer.
    pub(super) async fn ask(&self, session: Option<&str>, method: &str, params: Value) -> anyhow::Result<Value> {
        let (answer, answered) = oneshot::channel();
        let id = {
            let mut shared = self.shared.lock().expect("no holder of this lock panics");
            shared.last += 1;
            let id = shared.last;
            shared.waiting.insert(id, answer);
            id
        };
        send(&self.writer, id, session, method, params).await?;
        let answer = tokio::time::timeout(patience::DEADLINE, answered)
            .await
            .with_context(|| format!("Chromium did not answer {method}"))?
            .with_context(|| format!("the pipe closed during {method}"))?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}");
        }
        Ok(answer["result"].clone())
    }

    /// The targets that exist.
    pub(super) async fn targets(&self) -> anyhow::Result<Vec<Target>> {
        let answer = self.ask(None, "Target.getTargets", json!({})).await?;
        let list = answer["targetInfos"].as_array().context("no list of targets")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(list
            .iter()
            .map(|one| Target { id: text(&one["targetId"]), kind: text(&one["type"]), url: text(&one["url"]) })
            .collect())
    }

    /// The session with a target; [`Self::attach_to_all`] sees to it that there will be one.
    async fn session(&self, target: &str) -> anyhow::Result<String> {
        patience::until("a session with a page", patience::DEADLINE, async || {
            let shared = self.shared.lock().expect("no holder of this lock panics");
            Ok(shared.sessions.get(target).cloned())
        })
        .await
    }

    /// Sends a command to a target.
    pub(super) async fn ask_target(&self, target: &str, method: &str, params: Value) -> anyhow::Result<Value> {
        let session = self.session(target).await?;
        self.ask(Some(&session), method, params).await
    }

    /// Evaluates an expression in a target and awaits the promise it may yield.
    pub(super) async fn evaluate(&self, target: &str, expression: &str) -> anyhow::Result<Value> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.ask_target(target, "Runtime.evaluate", params).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("the script threw: {}", described(thrown));
        }
        Ok(answer["result"]["value"].clone())
    }

    /// How many contexts began in a target so far; `None` while nobody is attached to it.
    pub(super) fn contexts(&self, target: &str) -> Option<u64> {
        let shared = self.shared.lock().expect("no holder of this lock panics");
        shared.contexts.get(shared.sessions.get(target)?).copied()
    }

    /// Waits until everything is read that a browser which has ended left in the pipe: a mark of our own is put behind
    /// it, because a named pipe that we hold open ourselves never ends. The zeros end a message that was cut off.
    pub(super) async fn hear_the_end(&self) -> anyhow::Result<()> {
        let mut mark = pipe::OpenOptions::new().open_sender(&self.from)?;
        mark.write_all(format!("\0{{\"method\":\"{END}\"}}\0").as_bytes()).await?;
        patience::until("the browser's last words", patience::DEADLINE, async || {
            Ok(self.shared.lock().expect("no holder of this lock panics").ended.then_some(()))
        })
        .await
    }

    /// What consoles said so far.
    pub(super) fn said(&self) -> Vec<Said> {
        self.shared.lock().expect("no holder of this lock panics").said.clone()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// One of the browser's targets.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) url: String,
}

type Writer = Arc<tokio::sync::Mutex<pipe::Sender>>;

async fn send(writer: &Writer, id: u64, session: Option<&str>, method: &str, params: Value) -> anyhow::Result<()> {
    let mut message = json!({ "id": id, "method": method, "params": params });
    if let Some(session) = session {
        message["sessionId"] = session.into();
    }
    let mut bytes = message.to_string().into_bytes();
    bytes.push(0);
    writer.lock().await.write_all(&bytes).await.context("the pipe to Chromium is closed")
}

async fn listen(receiver: pipe::Receiver, writer: Writer, shared: Arc<Mutex<Shared>>) {
    let mut reader = BufReader::new(receiver);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match reader.read_until(0, &mut bytes).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
        let Ok(message) = serde_json::from_slice::<Value>(bytes.strip_suffix(&[0]).unwrap_or(&bytes)) else {
            continue;
        };
        for (session, method, params) in heard(&shared, message) {
            // The answers to these are of no interest; id 0 is never waited for.
            if send(&writer, 0, session.as_deref(), method, params).await.is_err() {
                return;
            }
        }
    }
}

type Reaction = (Option<String>, &'static str, Value);

/// Books one message; yields what is to be sent because of it.
fn heard(shared: &Mutex<Shared>, message: Value) -> Vec<Reaction> {
    let mut shared = shared.lock().expect("no holder of this lock panics");
    if let Some(id) = message["id"].as_u64() {
        if let Some(waiting) = shared.waiting.remove(&id) {
            let _ = waiting.send(message);
        }
        return Vec::new();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (params, session) = (&message["params"], text(&message["sessionId"]));
    match message["method"].as_str().unwrap_or_default() {
        "Target.targetCreated" | "Target.targetInfoChanged" => {
            let target = &params["targetInfo"];
            let id = text(&target["targetId"]);
            if let Some(session) = shared.sessions.get(&id).cloned() {
                shared.addresses.insert(session, text(&target["url"]));
            }
            // A popup is announced as "other" and becomes a page; a worker that starts again is
            // announced again although its session went on.
            let wanted = match target["type"].as_str() {
                Some("page") => true,
                Some("service_worker") => shared.workers,
                _ => false,
            };
            if wanted && shared.asked.insert(id) {
                let attach = json!({ "targetId": target["targetId"], "flatten": true });
                return vec![(None, "Target.attachToTarget", attach)];
            }
        }
        "Target.attachedToTarget" => {
            let (session, target) = (text(&params["sessionId"]), &params["targetInfo"]);
            shared.sessions.insert(text(&target["targetId"]), session.clone());
            shared.addresses.insert(session.clone(), text(&target["url"]));
            return ["Runtime.enable", "Log.enable"].map(|method| (Some(session.clone()), method, json!({}))).into();
        }
        "Target.detachedFromTarget" => {
            let session = text(&params["sessionId"]);
            let gone = shared.sessions.iter().find(|(_, known)| **known == session);
            if let Some(target) = gone.map(|(target, _)| target.clone()) {
                shared.sessions.remove(&target);
                shared.asked.remove(&target);
            }
        }
        "Runtime.executionContextCreated" => *shared.contexts.entry(session).or_default() += 1,
        "Runtime.consoleAPICalled" => {
            let level = text(&params["type"]);
            let words = params["args"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| one["description"].as_str().map_or_else(|| plain(&one["value"]), str::to_owned));
            let words = words.collect::<Vec<_>>().join(" ");
            shared.say(&session, level, words);
        }
        "Runtime.exceptionThrown" => {
            shared.say(&session, "error".to_owned(), described(&params["exceptionDetails"]));
        }
        "Log.entryAdded" => {
            let entry = &params["entry"];
            shared.say(&session, text(&entry["level"]), text(&entry["text"]));
        }
        END => shared.ended = true,
        _ => {}
    }
    Vec::new()
}

impl Shared {
    fn say(&mut self, session: &str, level: String, text: String) {
        let url = self.addresses.get(session).cloned().unwrap_or_default();
        self.said.push(Said { level, url, text });
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn described(thrown: &Value) -> String {
    let exception = &thrown["exception"];
    exception["description"]
        .as_str()
        .map_or_else(|| format!("{} {}", plain(&thrown["text"]), exception["value"]), str::to_owned)
}
