//! Xquik's contract against both sides: what Longkey asks and how it takes each example of an answer, and what the fake answers.

use std::collections::BTreeSet;
use std::time::SystemTime;

use longkey_core::clock::UnixTime;
use longkey_core::label::Handle;
use longkey_core::long_key::LongKey;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::connect::{self, Asked, NewAccount, Progress};
use longkey_core::services::xquik::{self, ApiKey, SignIn, Verdict};
use longkey_core::services::{Call, Reply};
use longkey_tests::contract;
use longkey_tests::fakes::{Canned, Nasty, Recorded, Route, World};
use serde_json::Value;

use crate::client::{REAUTH, xquik as ask};

const BASE: &str = "/api/v1";
const NOW: UnixTime = UnixTime(1_795_219_200_000);

/// What each example means: the call, its status, its name, and the code of its words (`healthy` … where an account
/// is told, the number of accounts for a list).
const MEANINGS: &[(&str, &str, &str, &str)] = &[
    ("listXAccounts", "200", "onePage", "1"),
    ("listXAccounts", "200", "empty", "0"),
    ("listXAccounts", "400", "only", "unfamiliar"),
    ("listXAccounts", "401", "only", "api_key_refused"),
    ("listXAccounts", "429", "only", "slow_down"),
    ("listXAccounts", "default", "internal", "unavailable"),
    ("listXAccounts", "default", "session", "dashboard_only"),
    ("getXAccount", "200", "only", "healthy"),
    ("getXAccount", "400", "page", "id_unknown"),
    ("getXAccount", "400", "spec", "id_unknown"),
    ("getXAccount", "401", "only", "api_key_refused"),
    ("getXAccount", "404", "only", "account_gone"),
    ("getXAccount", "429", "only", "slow_down"),
    ("getXAccount", "default", "internal", "unavailable"),
    ("getXAccount", "default", "session", "dashboard_only"),
    ("reauthXAccount", "200", "healthy", "signed_in"),
    ("reauthXAccount", "200", "stillLocked", "signed_in_but"),
    ("reauthXAccount", "200", "otherCountry", "signed_in"),
    ("reauthXAccount", "400", "field", "password_missing"),
    ("reauthXAccount", "400", "id", "id_unknown"),
    ("reauthXAccount", "400", "json", "password_missing"),
    ("reauthXAccount", "401", "only", "api_key_refused"),
    ("reauthXAccount", "404", "only", "account_gone"),
    ("reauthXAccount", "422", "plain", "login_failed"),
    ("reauthXAccount", "422", "withPause", "login_failed"),
    ("reauthXAccount", "422", "passkey", "passkey_required"),
    ("reauthXAccount", "429", "cooldown", "cooldown"),
    ("reauthXAccount", "429", "cooldownAutomated", "cooldown"),
    ("reauthXAccount", "429", "bucket", "slow_down"),
    ("reauthXAccount", "503", "only", "unavailable"),
    ("reauthXAccount", "default", "internal", "unavailable"),
    ("reauthXAccount", "default", "session", "dashboard_only"),
    ("connectXAccount", "201", "only", "connected"),
    ("connectXAccount", "202", "pending", "pending xatt_00000000000000000000000000000000 3000"),
    ("connectXAccount", "202", "emailCode", "code xch_FAKEFAKEFAKEFAKE 1795219800000"),
    ("connectXAccount", "400", "field", "field_refused"),
    ("connectXAccount", "400", "json", "field_refused"),
    ("connectXAccount", "401", "only", "api_key_refused"),
    ("connectXAccount", "409", "only", "already_connected"),
    ("connectXAccount", "422", "plain", "login_failed"),
    ("connectXAccount", "422", "withPause", "login_failed"),
    ("connectXAccount", "422", "passkey", "passkey_required"),
    ("connectXAccount", "429", "cooldown", "cooldown"),
    ("connectXAccount", "429", "cooldownAutomated", "cooldown"),
    ("connectXAccount", "429", "bucket", "slow_down"),
    ("connectXAccount", "502", "only", "handle_unknown"),
    ("connectXAccount", "503", "only", "unavailable"),
    ("connectXAccount", "default", "internal", "unavailable"),
    ("connectXAccount", "default", "session", "dashboard_only"),
    ("getXAccountConnectionAttempt", "200", "success", "connected"),
    ("getXAccountConnectionAttempt", "200", "failed", "login_failed wrong_password"),
    ("getXAccountConnectionAttempt", "400", "only", "gone"),
    ("getXAccountConnectionAttempt", "401", "only", "unread api_key_refused"),
    ("getXAccountConnectionAttempt", "429", "only", "unread slow_down"),
    ("getXAccountConnectionAttempt", "default", "internal", "unread unavailable"),
    ("getXAccountConnectionAttempt", "default", "session", "unread dashboard_only"),
    ("submitXAccountConnectionChallenge", "201", "only", "connected"),
    ("submitXAccountConnectionChallenge", "202", "only", "code xch_FAKEFAKEFAKEFAKE 1795219800000"),
    ("submitXAccountConnectionChallenge", "400", "field", "code_refused"),
    ("submitXAccountConnectionChallenge", "400", "json", "code_refused"),
    ("submitXAccountConnectionChallenge", "401", "only", "api_key_refused"),
    ("submitXAccountConnectionChallenge", "404", "spec", "code_over"),
    ("submitXAccountConnectionChallenge", "404", "page", "code_over"),
    ("submitXAccountConnectionChallenge", "409", "only", "code_over"),
    ("submitXAccountConnectionChallenge", "410", "only", "code_expired"),
    ("submitXAccountConnectionChallenge", "422", "plain", "login_failed"),
    ("submitXAccountConnectionChallenge", "422", "withPause", "login_failed"),
    ("submitXAccountConnectionChallenge", "422", "passkey", "passkey_required"),
    ("submitXAccountConnectionChallenge", "429", "only", "slow_down"),
    ("submitXAccountConnectionChallenge", "503", "only", "unavailable"),
    ("submitXAccountConnectionChallenge", "default", "internal", "unavailable"),
    ("submitXAccountConnectionChallenge", "default", "session", "dashboard_only"),
];

/// Answers that no contract describes: the fake's odd ones.
const ODD: &[Canned] = &[
    Canned::TooLarge,
    Canned::TooLargeInChunks,
    Canned::HtmlPage,
    Canned::CutOff,
    Canned::Pending,
    Canned::EmailCode,
    Canned::Redirect,
    Canned::Empty,
    Canned::BadGateway,
    Canned::Hold,
    Canned::HangUp,
];

#[test]
fn every_example_of_an_answer_has_its_meaning() {
    let mut examples = contract::xquik().examples("core");
    examples.extend(contract::xquik().examples("first-connection"));
    let told: BTreeSet<_> =
        examples.iter().map(|it| (it.call.as_str(), it.status.as_str(), it.name.as_str())).collect();
    let listed: BTreeSet<_> = MEANINGS.iter().map(|(call, status, name, _)| (*call, *status, *name)).collect();
    assert_eq!(told, listed, "the contract and this table name the same examples");
    for example in &examples {
        let wanted =
            MEANINGS.iter().find(|it| (it.0, it.1, it.2) == (&*example.call, &*example.status, &*example.name));
        // Neither the contract's own statuses nor an unpublished one decide where a code does.
        let statuses = match example.status.parse() {
            Ok(status) => vec![status],
            Err(_) => vec![500, 503],
        };
        for status in statuses {
            contract::xquik().answer(&example.call, status, &example.body).unwrap();
            assert_eq!(meaning(&example.call, status, &example.body), wanted.unwrap().3, "{example:?}");
        }
    }
}

fn meaning(call: &str, status: u16, body: &Value) -> String {
    let body = Secret::new(body.to_string());
    let reply = Reply::Answer { status, retry_after: None, date: None, body };
    let code = |verdict: Verdict| verdict.code().to_owned();
    match call {
        "listXAccounts" => xquik::read_list(&reply, NOW).map_or_else(code, |page| page.accounts.len().to_string()),
        "getXAccount" => xquik::read_account(&reply, NOW, "900001").map_or_else(code, |it| it.health.code().into()),
        "connectXAccount" => progress(Asked::Connect, &reply),
        "getXAccountConnectionAttempt" => progress(Asked::Attempt, &reply),
        "submitXAccountConnectionChallenge" => progress(Asked::Submit, &reply),
        _ => code(xquik::read_sign_in(&reply, NOW, "900001").0),
    }
}

fn progress(asked: Asked, reply: &Reply) -> String {
    match connect::read(asked, reply, NOW, &Handle::parse("fake_handle_one").unwrap(), &[]) {
        Progress::Connected => "connected".into(),
        Progress::Pending { attempt, wait } => format!("pending {} {}", attempt.unwrap_or_default(), wait.0),
        Progress::Code { challenge, until } => format!("code {challenge} {}", until.unwrap_or_default().0),
        Progress::Gone => "gone".into(),
        Progress::Unread(verdict) => format!("unread {}", verdict.code()),
        Progress::Failed { verdict: Verdict::LoginFailed { reason: Some(reason), until: None }, for_good: false } => {
            format!("login_failed {reason}")
        }
        Progress::Failed { verdict, for_good } => {
            assert!(!for_good, "{verdict:?}");
            verdict.code().to_owned()
        }
    }
}

#[test]
fn every_call_keeps_to_the_contract() {
    let key = ApiKey::parse(&Secret::new(format!("xq_{}", "0a".repeat(32)))).unwrap();
    let long_key = LongKey::parse("JBSWY3DPEHPK3PXP").unwrap();
    let password = Secret::new("not-a-real-password".into());
    let with = |key, email, region| SignIn { password: &password, key, email, region };
    for (call, name) in [
        (xquik::list(&key, None), "listXAccounts"),
        (xquik::list(&key, Some("c u/r&s=o")), "listXAccounts"),
        (xquik::account(&key, "900001"), "getXAccount"),
        (xquik::account(&key, "../900001?x"), "getXAccount"),
        (xquik::sign_in(&key, "900001", &with(None, None, None)), "reauthXAccount"),
        (xquik::sign_in(&key, "900001", &with(Some(&long_key), Some("a@b.example"), Some("US"))), "reauthXAccount"),
        (
            connect::connect(
                &key,
                &NewAccount {
                    handle: &Handle::parse("@acme_new").unwrap(),
                    email: "a@b.example",
                    password: &password,
                    key: &long_key,
                },
            ),
            "connectXAccount",
        ),
        (connect::attempt(&key, "xatt_00000000000000000000000000000000"), "getXAccountConnectionAttempt"),
        (connect::submit(&key, "xch_../a?b", &Secret::new("123456".into())), "submitXAccountConnectionChallenge"),
    ] {
        assert_eq!(contract::xquik().request(BASE, &recorded(&call)).unwrap(), name);
    }
}

/// As it would arrive.
fn recorded(call: &Call) -> Recorded {
    let mut headers = vec![(call.auth.0.to_owned(), call.auth.1.expose().to_owned())];
    headers.extend(call.body.iter().map(|_| ("content-type".into(), "application/json".into())));
    Recorded {
        host: "xquik.com".into(),
        method: call.method.as_str().into(),
        target: call.path.clone(),
        headers,
        body: call.body.as_ref().map(|it| it.expose().as_bytes().to_vec()).unwrap_or_default(),
        at: SystemTime::UNIX_EPOCH,
    }
}

#[test]
fn a_request_against_the_contract_is_noticed() {
    let key = format!("xq_{}", "0a".repeat(32));
    let request = |method: &str, target: &str, headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("x-api-key".to_owned(), key.clone()), ("content-type".into(), "application/json".into())];
        for (name, value) in headers {
            all.retain(|(it, _)| it != name);
            all.push(((*name).into(), (*value).into()));
        }
        all.retain(|(_, value)| !value.is_empty());
        let body = body.as_bytes().to_vec();
        let (host, at) = ("xquik.com".into(), SystemTime::UNIX_EPOCH);
        let request = Recorded { host, method: method.into(), target: target.into(), headers: all, body, at };
        contract::xquik().request(BASE, &request).map_err(|error| format!("{error:#}"))
    };
    let sign_in = "/api/v1/x/accounts/900001/reauth";
    assert_eq!(request("POST", sign_in, &[], r#"{"password":"p"}"#).as_deref(), Ok("reauthXAccount"));
    for (method, target, headers, body) in [
        ("POST", sign_in, &[][..], ""),
        ("POST", sign_in, &[], "p"),
        ("POST", sign_in, &[], "{}"),
        ("POST", sign_in, &[], r#"{"password":""}"#),
        ("POST", sign_in, &[], r#"{"password":7}"#),
        ("POST", sign_in, &[], r#"{"password":"p","totp":"JBSWY3DPEHPK3PXP"}"#),
        ("POST", sign_in, &[], r#"{"password":"p","email":"nobody"}"#),
        ("POST", sign_in, &[], r#"{"password":"p","proxy_country":"us"}"#),
        ("POST", sign_in, &[("content-type", "text/plain")], r#"{"password":"p"}"#),
        ("POST", sign_in, &[("x-api-key", "")], r#"{"password":"p"}"#),
        ("POST", sign_in, &[("x-api-key", "xq_12")], r#"{"password":"p"}"#),
        ("POST", sign_in, &[("authorization", "Bearer x")], r#"{"password":"p"}"#),
        ("POST", sign_in, &[("xquik-api-contract", "2026-04-29")], r#"{"password":"p"}"#),
        ("PUT", sign_in, &[], r#"{"password":"p"}"#),
        ("GET", "/api/v1/x/accounts?limit=0", &[], ""),
        ("GET", "/api/v1/x/accounts?limit=101", &[], ""),
        ("GET", "/api/v1/x/accounts?limit=ten", &[], ""),
        ("GET", "/api/v1/x/accounts?page=2", &[], ""),
        ("GET", "/api/v1/x/accounts", &[], "{}"),
        ("GET", "/api/v1/x/accounts/", &[], ""),
        ("GET", "/api/v1/x/elsewhere", &[], ""),
        ("GET", "/api/v2/x/accounts", &[], ""),
    ] {
        let error = request(method, target, headers, body).expect_err(target);
        assert!(!error.contains("JBSWY3DPEHPK3PXP"), "{error}");
    }
}

#[tokio::test]
async fn the_fake_answers_as_the_contract_says() {
    let world = World::start().await.unwrap();
    let routes = [
        (Route::List, "listXAccounts", "GET /api/v1/x/accounts?limit=50".to_owned()),
        (Route::Read, "getXAccount", "GET /api/v1/x/accounts/900001".to_owned()),
        (Route::Reauth, "reauthXAccount", format!("POST {REAUTH}")),
    ];
    for (route, call, request) in routes {
        for &canned in Canned::ALL.iter().filter(|it| !ODD.contains(it)) {
            world.xquik.answer_next(route, canned);
            let reply = ask(&world, &request, if route == Route::Reauth { "{\"password\":\"p\"}" } else { "" }).await;
            contract::xquik().answer(call, reply.status, &reply.json()).unwrap();
        }
        let reply = ask(&world, &request, if route == Route::Reauth { "{\"password\":\"p\"}" } else { "" }).await;
        contract::xquik().answer(call, reply.status, &reply.json()).unwrap();
    }
    assert_eq!(world.xquik.breaches(), Vec::<String>::new());
    ask(&world, "GET /api/v1/x/accounts?limit=0", "").await;
    assert_eq!(world.xquik.breaches().len(), 1, "{:?}", world.xquik.breaches());
}

/// What a browser does with it (redirects, packed bodies, too long ones) is seen end to end.
#[tokio::test]
async fn what_no_contract_describes_has_its_meaning_too() {
    let world = World::start().await.unwrap();
    let all = Nasty::all();
    let names: BTreeSet<_> = all.iter().map(|it| it.name).collect();
    assert!(names.len() == all.len() && all.len() >= 50, "{} names of {}", names.len(), all.len());
    for nasty in all
        .into_iter()
        .filter(|it| !["unknown", "either"].contains(&it.leads) && !["huge", "no UTF-8"].contains(&it.name))
    {
        let (name, leads) = (nasty.name, nasty.leads);
        world.xquik.answer_nastily(nasty);
        let sent = r#"{"password":"a password","totp_secret":"JBSWY3DPEHPK3PXP"}"#;
        let reply = ask(&world, &format!("POST {REAUTH}"), sent).await;
        let retry_after = reply.header("retry-after").and_then(|it| it.parse().ok());
        let reply = Reply::Answer { status: reply.status, retry_after, date: None, body: Secret::new(reply.body) };
        let (verdict, account) = xquik::read_sign_in(&reply, NOW, "900001");
        assert_eq!(verdict.code(), leads, "{name}");
        let told = format!("{verdict:?}{account:?}");
        assert!(!told.contains("a password") && !told.contains("JBSWY3DP"), "{name}: {told}");
        assert!(verdict.until().is_none_or(|until| until.0 - NOW.0 <= 31 * 24 * 3_600_000), "{name}: {verdict:?}");
    }
}
