//! Fans API's contract against both sides: what Longkey asks and how it takes each example of an answer, and what the fake
//! answers. Connecting an account there for the first time and the key's own route have no client; `OTHERS` counts their
//! examples, so that none is forgotten when they do.

use std::collections::BTreeSet;
use std::time::SystemTime;

use longkey_core::clock::UnixTime;
use longkey_core::secret::Secret;
use longkey_core::services::Reply;
use longkey_core::services::fansly::{self, Address, FansKey, Login, Started};
use longkey_tests::contract;
use longkey_tests::fakes::{FANS_HOSTS, Phase, Recorded, Wants, World};
use serde_json::{Value, json};

use crate::client::try_send;

const NOW: UnixTime = UnixTime(1_795_219_200_000);
const ACCOUNT: &str = "fansly_acct_FAKE0001";
/// How many examples the other calls have.
const OTHERS: usize = 2;

/// What each example means: the call, its status, its name, and what it is taken for.
const MEANINGS: &[(&str, &str, &str, &str)] = &[
    ("listFanslyAccounts", "200", "only", "1 @fake_creator false"),
    ("reauthenticateFanslyAccount", "200", "started", "started"),
    ("reauthenticateFanslyAccount", "200", "documented", "started"),
    ("reauthenticateFanslyAccount", "200", "refusedWith200", "not now: Fake text."),
    ("reauthenticateFanslyAccount", "400", "documented", "not now: Account is already successfully authenticated"),
    ("reauthenticateFanslyAccount", "400", "other", "not now: Fake other reason"),
    ("pollFanslyAuthentication", "200", "emailCode", "code Some(2) Some(\"f**@e*****.invalid\")"),
    ("pollFanslyAuthentication", "200", "done", "done"),
    // Still asking while it verifies: no second prompt.
    ("submitFansly2fa", "200", "only", "working"),
];

fn key() -> FansKey {
    FansKey::parse(&Secret::new("12|not-a-real-key-of-anybody".into())).unwrap()
}

#[test]
fn every_example_of_an_answer_has_its_meaning() {
    let examples = contract::fansly().examples("core");
    let told: BTreeSet<_> =
        examples.iter().map(|it| (it.call.as_str(), it.status.as_str(), it.name.as_str())).collect();
    let listed: BTreeSet<_> = MEANINGS.iter().map(|(call, status, name, _)| (*call, *status, *name)).collect();
    assert_eq!(told, listed, "the contract and this table name the same examples");
    for example in &examples {
        let wanted =
            MEANINGS.iter().find(|it| (it.0, it.1, it.2) == (&*example.call, &*example.status, &*example.name));
        let status = example.status.parse().unwrap();
        contract::fansly().answer(&example.call, status, &example.body).unwrap();
        assert_eq!(meaning(&example.call, status, &example.body), wanted.unwrap().3, "{example:?}");
    }
    assert_eq!(contract::fansly().examples("optional").len(), OTHERS);
}

fn meaning(call: &str, status: u16, body: &Value) -> String {
    let reply = Reply::Answer { status, retry_after: None, date: None, body: Secret::new(body.to_string()) };
    let key = key();
    match call {
        "listFanslyAccounts" => {
            let rows = fansly::read_list(&reply, NOW, &key).unwrap();
            format!("{} {} {}", rows.len(), rows[0].name, rows[0].signed_in)
        }
        "reauthenticateFanslyAccount" => match fansly::read_start(&reply, NOW, Some(&key)) {
            Started::Yes => "started".into(),
            Started::NotNow(why) => format!("not now: {}", why.unwrap_or_default()),
            Started::No(trouble) => format!("{trouble:?}"),
        },
        _ => match fansly::read_login(&reply, NOW, ACCOUNT, Some(&key)).unwrap() {
            Login::Done => "done".into(),
            Login::Working => "working".into(),
            Login::Code { kind, sent_to } => format!("code {kind:?} {sent_to:?}"),
            Login::Refused(why) => format!("refused {why:?}"),
        },
    }
}

#[test]
fn every_call_keeps_to_the_contract_and_what_does_not_is_noticed() {
    let key = key();
    let arrives = |call: &longkey_core::services::Call| Recorded {
        host: FANS_HOSTS[0].into(),
        method: call.method.as_str().into(),
        target: call.path.clone(),
        headers: [(call.auth.0.to_owned(), call.auth.1.expose().to_owned())]
            .into_iter()
            .chain(call.body.iter().map(|_| ("content-type".into(), "application/json".into())))
            .collect(),
        body: call.body.as_ref().map(|it| it.expose().as_bytes().to_vec()).unwrap_or_default(),
        at: SystemTime::UNIX_EPOCH,
    };
    let asked = |request: &Recorded| contract::fansly().request("", request);
    for (call, name) in [
        (fansly::list(&key, Address::New), "listFanslyAccounts"),
        (fansly::start(&key, Address::Old, ACCOUNT), "reauthenticateFanslyAccount"),
        (fansly::look(&key, Address::New, "../a?b"), "pollFanslyAuthentication"),
        (fansly::submit(&key, Address::New, ACCOUNT, "000123"), "submitFansly2fa"),
    ] {
        assert_eq!(asked(&arrives(&call)).unwrap(), name);
        assert_eq!(format!("https://{}", FANS_HOSTS[usize::from(name.starts_with("reauth"))]), call.host.origin());
        let mut other = arrives(&call);
        other.headers.clear();
        assert!(asked(&other).is_err(), "{name} without a key");
        other.headers = arrives(&call).headers;
        other.headers.push(("x-api-key".into(), "xq_".into()));
        assert!(asked(&other).is_err(), "{name} with another service's key");
        let mut other = arrives(&call);
        other.body = br#"{"code":7}"#.to_vec();
        assert!(asked(&other).is_err(), "{name} with another body");
        let mut other = arrives(&call);
        other.target.push_str("?polling=1");
        assert!(asked(&other).is_err(), "{name} with a query");
    }
    let mut more = arrives(&fansly::submit(&key, Address::New, ACCOUNT, "000123"));
    more.body = br#"{"code":"000123","totp_secret":"JBSWY3DPEHPK3PXP"}"#.to_vec();
    let error = format!("{:#}", asked(&more).unwrap_err());
    assert!(!error.contains("JBSW"), "{error}");
}

#[tokio::test]
async fn the_fake_answers_as_the_contract_says() {
    let world = World::start().await.unwrap();
    let key = format!("Bearer {}", world.fansly.key());
    let ask = async |call: &str, request: &str, body: &str| {
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        let reply = try_send(&world, FANS_HOSTS[0], request, &headers, body).await.unwrap();
        contract::fansly().answer(call, reply.status, &reply.json()).unwrap();
        (reply.status, reply.json())
    };
    let look = format!("GET /api/fansly/authenticate/{ACCOUNT}");
    let start = format!("POST /api/fansly/authenticate/{ACCOUNT}/reauthenticate");
    ask("listFanslyAccounts", "GET /api/fansly/accounts", "").await;
    let (_, started) = ask("reauthenticateFanslyAccount", &start, "").await;
    assert!(started["polling_url"].as_str().unwrap().starts_with("https://elsewhere.invalid/"));
    for needs in [false, false, true] {
        let (_, status) = ask("pollFanslyAuthentication", &look, "").await;
        assert_eq!(status["needs_code"], needs);
    }
    let right = world.fansly.member(ACCOUNT).unwrap().emailed;
    let wrong = if right == "111111" { "222222" } else { "111111" };
    for (code, done) in [(wrong, false), (&right, true)] {
        let (_, status) =
            ask("submitFansly2fa", &look.replace("GET", "PUT"), &json!({ "code": code }).to_string()).await;
        assert_eq!((&status["status"], &status["needs_code"]), (&json!("verifying"), &json!(true)));
        let mut last = Value::Null;
        for _ in 0..3 {
            last = ask("pollFanslyAuthentication", &look, "").await.1;
        }
        assert_eq!(last["is_authenticated"], done);
        assert_eq!(world.fansly.member(ACCOUNT).unwrap().phase, if done { Phase::Idle } else { Phase::Prompt });
    }
    assert_eq!(ask("reauthenticateFanslyAccount", &start, "").await.0, 400);
    world.fansly.change(ACCOUNT, |it| {
        (it.signed_in, it.wants, it.error, it.looks) = (false, Wants::Nothing, Some(json!("Fake error.")), 0);
    });
    ask("reauthenticateFanslyAccount", &start, "").await;
    let (_, failed) = ask("pollFanslyAuthentication", &look, "").await;
    assert_eq!(failed["last_error"], "Fake error.");
    assert_eq!(ask("pollFanslyAuthentication", "GET /api/fansly/authenticate/nobody", "").await.0, 404);
    assert_eq!(world.fansly.breaches(), Vec::<String>::new());
}
