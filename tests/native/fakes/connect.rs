//! First connections at the fake Xquik: what it answers is what the contract says, and a code, an attempt and the limit do what
//! they should.

use std::time::Duration;

use longkey_tests::contract;
use longkey_tests::fakes::{FIRST_PASSWORD, First, World};
use serde_json::{Value, json};

use crate::client::{Reply, xquik};

const KEY: &str = "JBSWY3DPEHPK3PXP";

/// One call, its answer checked against the contract.
async fn call(world: &World, name: &str, request: &str, body: &Value) -> Reply {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let reply = xquik(world, request, &text).await;
    contract::xquik().answer(name, reply.status, &reply.json()).unwrap();
    reply
}

async fn connect(world: &World, handle: &str) -> Reply {
    let body = json!({ "username": handle, "email": "a@b.example", "password": FIRST_PASSWORD, "totp_secret": KEY });
    call(world, "connectXAccount", "POST /api/v1/x/accounts", &body).await
}

async fn look(world: &World, id: &str) -> Value {
    let request = format!("GET /api/v1/x/account-connection-attempts/{id}");
    call(world, "getXAccountConnectionAttempt", &request, &Value::Null).await.json()
}

async fn submit(world: &World, id: &str, code: &str) -> Reply {
    let request = format!("POST /api/v1/x/account-connection-challenges/{id}/submit");
    call(world, "submitXAccountConnectionChallenge", &request, &json!({ "email_code": code })).await
}

async fn world() -> World {
    let world = World::start().await.unwrap();
    world.x.set_confirmed_key_of("acme_new", Some(KEY));
    world
}

#[tokio::test]
async fn a_connection_is_made_refused_or_known_already() {
    let world = world().await;
    assert_eq!(connect(&world, "acme_other").await.json()["error"], "login_failed");
    assert_eq!(connect(&world, "Acme_Support").await.json()["error"], "account_already_connected");
    let made = connect(&world, "acme_new").await;
    assert_eq!((made.status, &made.json()["xUsername"]), (201, &json!("acme_new")));
    assert_eq!(world.xquik.accounts().last().map(|it| it.handle.clone()).as_deref(), Some("acme_new"));
    assert_eq!(connect(&world, "acme_new").await.status, 409);
    for _ in 0..6 {
        assert_eq!(connect(&world, "acme_new").await.status, 409);
    }
    let eleventh = connect(&world, "acme_new").await;
    assert_eq!((eleventh.status, eleventh.header("retry-after")), (429, Some("900")), "ten in 15 minutes");
    assert_eq!(world.xquik.breaches(), Vec::<String>::new());
    xquik(&world, "POST /api/v1/x/accounts", r#"{"username":"a","password":"p","totp_secret":"k","x":1}"#).await;
    xquik(&world, "POST /api/v1/x/account-connection-challenges/xch_1/submit", r#"{"email_code":"0000","a":1}"#).await;
    assert_eq!(world.xquik.breaches().len(), 2);
}

#[tokio::test]
async fn a_pending_attempt_ends() {
    let world = world().await;
    world.xquik.meets(First::Pending(2, Box::new(First::Login)));
    let pending = connect(&world, "acme_new").await;
    let id = pending.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(pending.header("location").map(|it| it.ends_with(&id)), Some(true));
    for wanted in ["pending", "pending", "success", "success"] {
        assert_eq!(look(&world, &id).await["status"], wanted);
    }
    assert_eq!(world.xquik.accounts().len(), 6, "made once");
    world.xquik.meets(First::Pending(0, Box::new(First::Fails("login_failed", Some("wrong_password"), false))));
    world.x.set_confirmed_key_of("acme_two", Some(KEY));
    let id = connect(&world, "acme_two").await.json()["id"].as_str().unwrap().to_owned();
    let failed = look(&world, &id).await;
    assert_eq!((&failed["status"], &failed["retryable"]), (&json!("failed"), &json!(false)));
    assert_eq!(look(&world, "xatt_ffffffffffffffffffffffffffffffff").await["error"], "invalid_input");
}

#[tokio::test]
async fn an_e_mailed_code_is_asked_for_until_it_is_right_or_late() {
    let world = world().await;
    world.xquik.meets(First::Codes(vec!["123456", "654321"], Duration::from_secs(600)));
    let asked = connect(&world, "acme_new").await;
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((asked.status, &asked.json()["status"]), (202, &json!("requires_email_code")));
    for (code, status) in [("12", 400), ("999999", 202), ("12 34 56", 202), ("654321", 201), ("654321", 409)] {
        assert_eq!(submit(&world, &id, code).await.status, status, "{code}");
    }
    assert_eq!(submit(&world, "xch_NOBODY", "123456").await.status, 404);
    world.x.set_confirmed_key_of("acme_late", Some(KEY));
    world.xquik.meets(First::Pending(0, Box::new(First::Codes(vec!["123456"], Duration::ZERO))));
    let id = connect(&world, "acme_late").await.json()["id"].as_str().unwrap().to_owned();
    let challenge = look(&world, &id).await["id"].as_str().unwrap().to_owned();
    assert!(challenge.starts_with("xch_"));
    assert_eq!(submit(&world, &challenge, "123456").await.status, 410);
}
