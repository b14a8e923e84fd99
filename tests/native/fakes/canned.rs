//! The fake Xquik with orders: every answer of the list, on every route.

use std::sync::Arc;

use longkey_tests::fakes::{Canned, FIRST_PASSWORD, Route, World};
use serde_json::{Value, json};

use crate::client::{PATIENCE, REAUTH, Reply, set_up, try_send, xquik, xquik_body};

#[tokio::test]
async fn every_ordered_answer_comes_once_on_every_route() {
    let world = World::start().await.unwrap();
    for &canned in Canned::ALL {
        assert_eq!(canned.slug().parse::<Canned>().unwrap(), canned);
        let Some(status) = canned.status() else {
            continue;
        };
        for (route, request) in [
            (Route::List, "GET /api/v1/x/accounts?limit=50".to_owned()),
            (Route::Read, "GET /api/v1/x/accounts/900001".to_owned()),
            (Route::Reauth, format!("POST {REAUTH}")),
        ] {
            world.xquik.answer_next(route, canned);
            let reply = xquik(&world, &request, "{\"password\":\"p\"}").await;
            assert_eq!(reply.status, status, "{canned}");
            assert_eq!(world.xquik.orders_left(), 0);
            check(canned, route, &reply);
        }
    }
    assert!("999-nothing".parse::<Canned>().is_err());
}

fn check(canned: Canned, route: Route, reply: &Reply) {
    let slug = canned.slug();
    let longest = if route == Route::List { 1 << 20 } else { 64 << 10 };
    match canned {
        Canned::Empty => assert!(reply.body.is_empty()),
        Canned::BadGateway | Canned::HtmlPage => {
            assert!(reply.header("content-type").unwrap().starts_with("text/html"))
        }
        Canned::CutOff => assert!(serde_json::from_str::<Value>(&reply.body).is_err()),
        Canned::Redirect => {
            assert!(reply.header("location").unwrap().starts_with("https://elsewhere.invalid/"));
        }
        Canned::TooLarge => {
            let told: usize = reply.header("content-length").unwrap().parse().unwrap();
            assert!(told > longest && reply.body.len() == told);
            assert!(reply.json().is_object());
        }
        Canned::TooLargeInChunks => {
            assert_eq!(reply.header("content-length"), None);
            assert!(reply.body.len() > longest);
        }
        Canned::ErrorAsObject => assert_eq!(reply.json()["error"]["code"], "login_failed"),
        Canned::NotFound => {
            let code = if route == Route::Reauth { "account_not_found" } else { "not_found" };
            assert_eq!(reply.json()["error"], code);
        }
        Canned::Teapot => assert_eq!(reply.json()["error"], "short_and_stout"),
        _ if slug.starts_with("200-") || slug.starts_with("202-") => {
            assert!(reply.json().is_object(), "{slug}")
        }
        _ => {
            let code = slug.split('-').nth(1).unwrap();
            assert_eq!(reply.json()["error"], code, "{slug}");
        }
    }
    if slug.starts_with("429-") || canned == Canned::LoginFailedWithPause {
        let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        let body = reply.json();
        let told = body["retryAfterMs"].as_u64().or(body["retryAfter"].as_u64().map(|told| told * 1_000));
        assert_eq!(told, Some(seconds * 1_000), "{slug}");
    }
    if canned == Canned::WrongId {
        let body = reply.json();
        let id = if route == Route::List { &body["accounts"][0]["id"] } else { &body["id"] };
        assert_eq!(id, "999999");
    }
}

#[tokio::test]
async fn ordered_successes_show_in_the_next_list() {
    let world = World::start().await.unwrap();
    for (canned, health) in
        [(Canned::Locked, "locked"), (Canned::UnknownHealth, "hibernating"), (Canned::Healthy, "healthy")]
    {
        world.xquik.answer_next(Route::Reauth, canned);
        let reply = xquik(&world, &format!("POST {REAUTH}"), "{\"password\":\"p\"}").await;
        assert_eq!(reply.json()["health"], health);
        let list = xquik(&world, "GET /api/v1/x/accounts", "").await.json();
        assert_eq!(list["accounts"][0]["health"], health);
    }
}

#[tokio::test]
async fn hold_keeps_a_request_and_drop_closes_it() {
    let world = Arc::new(World::start().await.unwrap());
    let secret = set_up(&world).await;
    world.xquik.answer_next(Route::Reauth, Canned::Hold);
    let body = json!({ "password": FIRST_PASSWORD, "totp_secret": secret });
    let there = Arc::clone(&world);
    let waiting = tokio::spawn(async move { xquik_body(&there, &format!("POST {REAUTH}"), body).await.status });
    world.xquik.until_holding(1, PATIENCE).await.unwrap();
    assert!(!waiting.is_finished());
    assert_eq!(world.xquik.account("900001").unwrap().health, "needsReauth");
    world.xquik.release();
    assert_eq!(tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap(), 200);
    assert_eq!(world.xquik.holding(), 0);

    // A client that goes away while it waits: a killed service worker.
    world.xquik.answer_next(Route::List, Canned::Hold);
    let there = Arc::clone(&world);
    let killed = tokio::spawn(async move { xquik(&there, "GET /api/v1/x/accounts", "").await.status });
    world.xquik.until_holding(1, PATIENCE).await.unwrap();
    killed.abort();
    world.xquik.until_holding(0, PATIENCE).await.unwrap();

    world.xquik.answer_next(Route::List, Canned::HangUp);
    let key = world.xquik.api_key();
    let none = try_send(&world, "xquik.com", "GET /api/v1/x/accounts", &[("x-api-key", &key)], "").await;
    assert!(none.is_none());
}
