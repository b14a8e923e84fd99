//! The fake Xquik with no order given: what the contract says.

use longkey_tests::fakes::{Account, FIRST_PASSWORD, World};
use serde_json::{Value, json};

use crate::client::{REAUTH, set_up, try_send, xquik, xquik_body};

#[tokio::test]
async fn xquik_lists_in_pages() {
    let world = World::start().await.unwrap();
    let ids = |page: &Value| -> Vec<String> {
        page["accounts"].as_array().unwrap().iter().map(|account| account["id"].as_str().unwrap().into()).collect()
    };
    let unpaged = xquik(&world, "GET /api/v1/x/accounts", "").await.json();
    assert_eq!((ids(&unpaged).len(), unpaged.get("hasMore")), (5, None));

    let mut seen = Vec::new();
    let mut target = "/api/v1/x/accounts?limit=2".to_owned();
    loop {
        let page = xquik(&world, &format!("GET {target}"), "").await.json();
        seen.extend(ids(&page));
        assert_eq!(page["hasMore"], page.get("nextCursor").is_some());
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        target = format!("/api/v1/x/accounts?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ids(&unpaged));

    let many = (0..250).map(|number| Account::new(&format!("{}", 910_000 + number), "acme", "healthy"));
    world.xquik.set_accounts(many.collect());
    let page = xquik(&world, "GET /api/v1/x/accounts?limit=1000", "").await.json();
    assert_eq!((ids(&page).len(), &page["hasMore"]), (100, &json!(true)));

    for bad in ["limit=0", "limit=x", "cursor=x", "cursor=after_9999"] {
        let reply = xquik(&world, &format!("GET /api/v1/x/accounts?{bad}"), "").await;
        assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("invalid_input")), "{bad}");
    }
}

#[tokio::test]
async fn xquik_reads_one_account_for_its_key_only() {
    let world = World::start().await.unwrap();
    let reply = xquik(&world, "GET /api/v1/x/accounts/900001", "").await;
    let account = reply.json();
    assert_eq!(account["xUsername"], "standin_user");
    assert_eq!((&account["health"], &account["status"]), (&json!("needsReauth"), &json!("active")));
    assert!(account["updatedAt"].is_string());
    assert!(reply.header("ratelimit").unwrap().starts_with("\"read\";r=499;t="));
    assert_eq!(reply.header("ratelimit-policy"), Some("\"read\";q=500;w=1"));
    assert!(reply.header("date").unwrap().ends_with("GMT"));

    for (id, status, error) in [("900", 404, "not_found"), ("abc", 400, "invalid_id")] {
        let reply = xquik(&world, &format!("GET /api/v1/x/accounts/{id}"), "").await;
        assert_eq!((reply.status, &reply.json()["error"]), (status, &json!(error)));
    }
    let none = try_send(&world, "xquik.com", "GET /api/v1/x/accounts", &[], "").await.unwrap();
    assert_eq!(none.status, 401);
    assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"xquik\""));
    assert_eq!(xquik(&world, "POST /api/v1/x/accounts/900/reauth", "{}").await.json()["error"], "account_not_found");
}

#[tokio::test]
async fn reauth_succeeds_only_with_what_x_confirmed() {
    let world = World::start().await.unwrap();
    let post = format!("POST {REAUTH}");
    let send = |body: Value| xquik_body(&world, &post, body);

    // Nothing confirmed on X yet: no key helps.
    let early = send(json!({ "password": FIRST_PASSWORD, "totp_secret": "JBSWY3DPEHPK3PXP" })).await;
    assert_eq!((early.status, &early.json()["error"]), (422, &json!("login_failed")));

    let secret = set_up(&world).await;
    // The key that failed replaced the stored one, so leaving the key out fails as well.
    assert_eq!(send(json!({ "password": FIRST_PASSWORD })).await.status, 422);
    assert_eq!(send(json!({ "password": "wrong", "totp_secret": secret })).await.status, 422);
    assert_eq!(world.xquik.account("900001").unwrap().health, "needsReauth");

    let good = send(json!({ "password": FIRST_PASSWORD, "totp_secret": secret })).await;
    assert_eq!((good.status, &good.json()["health"]), (200, &json!("healthy")));
    assert_eq!(good.json()["id"], "900001");
    assert_eq!(world.xquik.account("900001").unwrap().stored_key, Some(secret.clone()));
    assert_eq!(send(json!({ "password": FIRST_PASSWORD })).await.status, 200);

    // A new key on X makes the stored one stale.
    world.x.set_confirmed_key(Some("GEZDGNBVGY3TQOJQ"));
    assert_eq!(send(json!({ "password": FIRST_PASSWORD })).await.status, 422);

    let sent = world.requests("xquik.com");
    assert_eq!(sent.last().unwrap().json().unwrap(), json!({ "password": FIRST_PASSWORD }));
}

#[tokio::test]
async fn reauth_refuses_what_the_contract_refuses() {
    let world = World::start().await.unwrap();
    let post = format!("POST {REAUTH}");
    assert_eq!(xquik(&world, &post, "not json").await.json()["error"], "invalid_json");
    let password = "not-a-real-password";
    for body in [
        json!([]),
        json!({}),
        json!({ "password": "" }),
        json!({ "password": 5 }),
        json!({ "password": password, "totp_secret": "123456" }),
        json!({ "password": password, "totp_secret": "jbsw y3dp ehpk 3pxp" }),
        json!({ "password": password, "totp_secret": null }),
        json!({ "password": password, "email": "nobody" }),
        json!({ "password": password, "proxy_country": "us" }),
    ] {
        let reply = xquik_body(&world, &post, body.clone()).await;
        assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("invalid_input")), "{body}");
    }
    let held = xquik_body(&world, "POST /api/v1/x/accounts/900004/reauth", json!({ "password": password })).await;
    assert_eq!((held.status, &held.json()["error"]), (429, &json!("login_cooldown")));
    let seconds: u64 = held.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(held.json()["retryAfterMs"], seconds * 1_000);

    let locked = xquik_body(&world, "POST /api/v1/x/accounts/900003/reauth", json!({ "password": password })).await;
    assert_eq!((locked.status, &locked.json()["health"]), (200, &json!("locked")));
}
