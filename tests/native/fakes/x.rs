//! The fake X, by the calls that its pages make.

use longkey_tests::fakes::{FIRST_PASSWORD, Standin, World, code_at};
use serde_json::{Value, json};

use crate::client::{set_up, try_send, x};

#[tokio::test]
async fn x_set_up_checks_password_and_code() {
    let world = World::start().await.unwrap();
    assert_eq!(x(&world, "POST /fake/api/enrol/begin", json!({})).await.status, 403);
    assert_eq!(x(&world, "POST /fake/api/password", json!({ "password": "wrong" })).await.status, 403);
    assert_eq!(x(&world, "POST /fake/api/password", json!({ "password": FIRST_PASSWORD })).await.status, 200);

    world.x.set_next_secret("JBSWY3DPEHPK3PXP");
    let begun = x(&world, "POST /fake/api/enrol/begin", json!({})).await.json();
    assert_eq!(begun["secret"], "JBSWY3DPEHPK3PXP");
    assert_eq!(begun["uri"], "otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter");
    assert_eq!(begun["qr"].as_array().unwrap().len(), 37);
    assert_eq!(world.x.pending_key().as_deref(), Some("JBSWY3DPEHPK3PXP"));
    assert_eq!(world.x.confirmed_key(), None);

    let old = code_at("JBSWY3DPEHPK3PXP", world.clock.unix() - 300).unwrap();
    let wrong = x(&world, "POST /fake/api/enrol/confirm", json!({ "code": old })).await;
    assert_eq!((wrong.status, world.x.confirmed_key()), (403, None));

    // Starting again: another key, and the first one is worth nothing.
    let again = x(&world, "POST /fake/api/enrol/begin", json!({})).await.json();
    let secret = again["secret"].as_str().unwrap();
    assert_ne!(secret, "JBSWY3DPEHPK3PXP");
    let stale = code_at("JBSWY3DPEHPK3PXP", world.clock.unix()).unwrap();
    assert_eq!(x(&world, "POST /fake/api/enrol/confirm", json!({ "code": stale })).await.status, 403);

    let code = code_at(secret, world.clock.unix()).unwrap();
    let done = x(&world, "POST /fake/api/enrol/confirm", json!({ "code": code })).await.json();
    let backup = done["backup"].as_str().unwrap();
    assert_eq!(backup.len(), 12);
    assert_eq!(done["state"]["totp"], true);
    assert_eq!(world.x.confirmed_key().as_deref(), Some(secret));
    assert_eq!(world.x.pending_key(), None);
    assert_eq!(world.x.accepted_codes(), [code]);
    assert_eq!(world.x.refused_codes(), [old, stale]);
}

#[tokio::test]
async fn x_login_backup_codes_and_turning_off() {
    let world = World::start().await.unwrap();
    let secret = set_up(&world).await;
    let code = code_at(&secret, world.clock.unix()).unwrap();
    assert_eq!(x(&world, "POST /fake/api/login/code", json!({ "code": code })).await.status, 200);
    assert_eq!(x(&world, "POST /fake/api/login/code", json!({ "code": "abcdef" })).await.status, 403);

    let backup = world.x.backup_code().unwrap();
    assert_eq!(x(&world, "GET /fake/api/backup", Value::Null).await.json()["backup"], backup);
    assert_eq!(x(&world, "POST /fake/api/login/backup", json!({ "code": backup })).await.status, 200);
    assert_eq!(x(&world, "POST /fake/api/login/backup", json!({ "code": backup })).await.status, 403);
    // Five in all; the first came with the set-up.
    for wanted in [200, 200, 200, 200, 403] {
        assert_eq!(x(&world, "POST /fake/api/backup", json!({})).await.status, wanted);
    }

    let off = x(&world, "POST /fake/api/unenrol", json!({})).await.json();
    assert_eq!(off["state"]["totp"], false);
    assert_eq!(world.x.confirmed_key(), None);
    assert_eq!(x(&world, "POST /fake/api/login/code", json!({ "code": code })).await.status, 403);
    assert_ne!(set_up(&world).await, secret);
}

#[tokio::test]
async fn x_pages_carry_the_policy_with_a_fresh_nonce() {
    let world = World::start().await.unwrap();
    let mut nonces = Vec::new();
    for path in ["/settings/account/login_verification", "/i/flow/login", "/i/jf/onboarding/web?mode=login", "/home"] {
        let reply = x(&world, &format!("GET {path}"), Value::Null).await;
        let policy = reply.header("content-security-policy").unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(policy.ends_with("; report-uri /fake/csp-report"), "{policy}");
        assert!(reply.body.contains(&format!("<script nonce=\"{nonce}\">")), "{path}");
        assert!(reply.body.contains("\"handle\":\"standin_user\""), "{path}");
        nonces.push(nonce.to_owned());
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 4);

    let report = json!({ "csp-report": { "violated-directive": "script-src" } });
    assert_eq!(x(&world, "POST /fake/csp-report", report.clone()).await.status, 204);
    assert_eq!(world.x.csp_reports(), [report]);
}

#[tokio::test]
async fn standins_are_served_until_cleared() {
    let world = World::start().await.unwrap();
    for page in Standin::all().unwrap() {
        assert_eq!(world.x.serve_standin(&page.file).unwrap(), page.address());
        let host = if page.host == "twitter.com" { "twitter.com" } else { "x.com" };
        let reply = try_send(&world, host, &format!("GET {}", page.path), &[], "").await.unwrap();
        assert!(reply.body.contains(&format!("data-standin=\"{}\"", page.file)), "{}", page.file);
        assert!(!reply.body.contains("<script>"), "{}", page.file);
    }
    world.x.clear_standins();
    let own = x(&world, "GET /settings/account/login_verification", Value::Null).await;
    assert!(!own.body.contains("data-standin"));
    assert!(world.x.serve_standin("no-such-page.html").is_err());
}
