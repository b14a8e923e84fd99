//! The fake X over HTTP: pages with X's kind of Content Security Policy, and the calls that those
//! pages make. The calls are this fake's own invention (X's are not public); only what a person or a
//! content script sees is meant to be like X.

use serde_json::{Value, json};

use super::wire::{self, Answer};
use super::{Recorded, XState, keys};

const POLICY: &str = include_str!("../../sites/x/csp.txt");
const SHELL: &str = include_str!("pages/shell.html");
const STYLE: &str = include_str!("pages/style.css");
const SCRIPT: &str = concat!(
    include_str!("pages/dom.js"),
    include_str!("pages/enrol.js"),
    include_str!("pages/login.js"),
    include_str!("pages/app.js"),
);

pub(crate) fn answer(x: &XState, request: &Recorded) -> Answer {
    let path = request.path();
    if let Some(call) = path.strip_prefix("/fake/api/") {
        return api(x, request, call);
    }
    match (request.method.as_str(), path) {
        ("POST", "/fake/csp-report") => {
            let report = request.json().unwrap_or_else(|| json!({ "unreadable": request.text() }));
            x.keep_csp_report(report);
            wire::empty(204)
        }
        ("GET" | "HEAD", "/favicon.ico" | "/robots.txt" | "/manifest.json") => wire::empty(404),
        ("GET" | "HEAD", _) => page(x, &request.host, path),
        _ => wire::json(404, &json!({ "ok": false })),
    }
}

fn page(x: &XState, host: &str, path: &str) -> Answer {
    let nonce = keys::random_text(b"0123456789abcdef", 32);
    let page = match x.standin_at(host, path).map(|standin| standin.page(&nonce)) {
        Some(Ok(page)) => page,
        Some(Err(fault)) => return wire::html(500, format!("<p>{fault:#}</p>")),
        // No `<` may end the script early, whatever a test chose as the handle.
        None => SHELL
            .replace("NONCE", &nonce)
            .replace("STYLE", STYLE)
            .replace("STATE", &x.told().to_string().replace('<', "\\u003c"))
            .replace("SCRIPT", SCRIPT),
    };
    let policy = POLICY.trim().replace("NONCE", &format!("'nonce-{nonce}'"));
    let policy = format!("{policy}; report-uri /fake/csp-report");
    let answer = wire::with_header(wire::html(200, page), "content-security-policy", &policy);
    let answer = wire::with_header(answer, "x-frame-options", "SAMEORIGIN");
    wire::with_header(answer, "x-content-type-options", "nosniff")
}

fn api(x: &XState, request: &Recorded, call: &str) -> Answer {
    let body = request.json().unwrap_or_default();
    let typed = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (ok, more) = match (request.method.as_str(), call) {
        ("GET", "state") => (true, json!({})),
        ("POST", "password") => (x.check_password(&typed("password")), json!({})),
        ("POST", "enrol/begin") => match x.begin() {
            Some(secret) => {
                let uri = address(&x.handle(), &secret);
                (true, json!({ "secret": secret, "uri": uri, "qr": keys::qr_rows(&uri) }))
            }
            None => (false, json!({})),
        },
        ("POST", "enrol/confirm") => {
            let backup = x.confirm(&typed("code"));
            (backup.is_some(), json!({ "backup": backup }))
        }
        ("POST", "enrol/cancel") => {
            x.cancel();
            (true, json!({}))
        }
        ("POST", "unenrol") => {
            x.unenroll();
            (true, json!({}))
        }
        ("GET", "backup") => (true, json!({ "backup": x.backup_code() })),
        ("POST", "backup") => {
            let backup = x.another_backup();
            (backup.is_some(), json!({ "backup": backup }))
        }
        ("POST", "login/code") => (x.log_in(&typed("code")), json!({})),
        ("POST", "login/backup") => (x.log_in_by_backup(&typed("code")), json!({})),
        _ => return wire::json(404, &json!({ "ok": false })),
    };
    let mut told = json!({ "ok": ok, "state": x.told() });
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    wire::json(if ok { 200 } else { 403 }, &told)
}

/// What X puts into its QR code.
fn address(handle: &str, secret: &str) -> String {
    format!("otpauth://totp/Twitter:@{handle}?secret={secret}&issuer=Twitter")
}
