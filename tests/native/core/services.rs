//! Calls as data, and every documented answer of a sign-in with what it means.

use crate::world::{API_KEY, HEALTHY, START};
use longkey_core::clock::{Span, UnixTime};
use longkey_core::long_key::LongKey;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::{self, ApiKey, Health, SignIn, Verdict, read_sign_in};
use longkey_core::services::{Host, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn verdict(status: u16, body: &str) -> Verdict {
    reply(status, None, body)
}

fn reply(status: u16, retry_after: Option<u64>, body: &str) -> Verdict {
    read_sign_in(&Reply::Answer { status, retry_after, date: None, body: Secret::new(body.into()) }, START, "900001").0
}

fn until(seconds: u64) -> Option<UnixTime> {
    Some(START.after(Span::seconds(seconds)))
}

#[test]
fn every_answer_has_its_meaning() {
    let failed = |reason: Option<&str>, until| Verdict::LoginFailed { reason: reason.map(Into::into), until };
    for (status, body, wanted) in [
        (200, HEALTHY, Verdict::SignedIn { country: None }),
        (
            200,
            &HEALTHY.replace("healthy\"", "healthy\",\"loginCountry\":\"US\""),
            Verdict::SignedIn { country: Some("US".into()) },
        ),
        (200, &HEALTHY.replace("healthy", "locked"), Verdict::SignedInBut { health: Health::Locked }),
        (200, &HEALTHY.replace("healthy", "sleepy"), Verdict::SignedInBut { health: Health::Other }),
        (200, &HEALTHY.replace("900001", "900002"), Verdict::Unfamiliar { status: 200, code: Some("wrong_id".into()) }),
        (
            200,
            &HEALTHY.replace("active", "not_active"),
            Verdict::Unfamiliar { status: 200, code: Some("not_active".into()) },
        ),
        (200, "<html>", Verdict::Unfamiliar { status: 200, code: None }),
        (400, r#"{"error":"invalid_input"}"#, Verdict::PasswordMissing),
        (400, r#"{"error":"invalid_json"}"#, Verdict::PasswordMissing),
        (400, r#"{"error":"invalid_id"}"#, Verdict::IdUnknown),
        (401, r#"{"error":"unauthenticated"}"#, Verdict::ApiKeyRefused),
        (401, "", Verdict::ApiKeyRefused),
        (404, r#"{"error":"account_not_found"}"#, Verdict::AccountGone),
        (422, r#"{"error":"login_failed"}"#, failed(None, None)),
        (422, r#"{"error":{"type":"t","code":"login_failed","message":"m"}}"#, failed(None, None)),
        (
            422,
            r#"{"error":"login_failed","reason":"repeated_login_error","retryAfterMs":300000}"#,
            failed(Some("repeated_login_error"), until(300)),
        ),
        (422, r#"{"error":"login_failed","reason":"hunter2 JBSWY3DP"}"#, failed(None, None)),
        (422, r#"{"error":"login_failed","reason":7,"retryAfter":"60"}"#, failed(None, until(60))),
        (422, r#"{"error":"login_failed","retryAfterMs":60000.5,"more":[{"a":1}]}"#, failed(None, until(60))),
        (
            200,
            &HEALTHY.replace("\"xUserId\"", "\"connectedAt\":\"a\",\"cookiesObtainedAt\":\"b\",\"xUserId\""),
            Verdict::SignedIn { country: None },
        ),
        (422, r#"{"error":"passkey_required"}"#, Verdict::PasskeyRequired),
        (
            429,
            r#"{"error":"login_cooldown","reason":"automated","retryAfterMs":3600000}"#,
            Verdict::Cooldown { until: until(3600) },
        ),
        (429, r#"{"error":"rate_limit_exceeded","retryAfter":60}"#, Verdict::SlowDown { until: until(60) }),
        (500, r#"{"error":"internal_error"}"#, Verdict::Unavailable),
        (500, "", Verdict::Unavailable),
        (503, r#"{"error":"service_unavailable"}"#, Verdict::Unavailable),
        (403, r#"{"error":"session_required"}"#, Verdict::DashboardOnly),
        (202, r#"{"object":"x","id":"y","status":"pending","pollAfterMs":1}"#, Verdict::StillSigningIn),
        (202, r#"{"object":"x","id":"y","status":"requires_email_code"}"#, Verdict::EmailCode),
        (502, "<html>bad gateway</html>", Verdict::Unfamiliar { status: 502, code: None }),
        (418, r#"{"error":"a_teapot"}"#, Verdict::Unfamiliar { status: 418, code: Some("a_teapot".into()) }),
    ] {
        assert_eq!(verdict(status, body), wanted, "{status} {body}");
    }
    assert_eq!(read_sign_in(&Reply::Silence, START, "1").0, Verdict::NoAnswer);
    assert_eq!(read_sign_in(&Reply::Offline, START, "1").0, Verdict::Offline);
}

#[test]
fn the_header_counts_before_the_body() {
    let body = r#"{"error":"login_cooldown","retryAfterMs":60000,"retryAfter":30}"#;
    assert_eq!(reply(429, Some(90), body), Verdict::Cooldown { until: until(90) });
    assert_eq!(reply(429, None, body), Verdict::Cooldown { until: until(30) });
    assert_eq!(
        reply(429, Some(u64::MAX), body).until(),
        until(31 * 24 * 3600),
        "nonsense does not lock an account away"
    );
}

#[test]
fn calls() {
    let key = ApiKey::parse(&Secret::new(format!(" {API_KEY}\n"))).expect("an API key");
    let long_key = LongKey::parse("jbsw y3dp ehpk 3pxp").expect("a key");
    let password = Secret::new("quo\"te".into());
    let with = SignIn { password: &password, key: Some(&long_key), email: Some("a@b.invalid"), region: Some("US") };
    let call = xquik::sign_in(&key, "9/../1", &with);
    assert_eq!(call.path, "/api/v1/x/accounts/9%2F..%2F1/reauth");
    assert_eq!((call.host, call.auth.0, call.auth.1.expose()), (Host::Xquik, "x-api-key", API_KEY));
    assert_eq!(
        call.body.expect("a body").expose(),
        r#"{"password":"quo\"te","totp_secret":"JBSWY3DPEHPK3PXP","email":"a@b.invalid","proxy_country":"US"}"#
    );
    assert_eq!(xquik::list(&key, Some("a b&c")).path, "/api/v1/x/accounts?limit=100&cursor=a%20b%26c");
    assert!(xquik::list(&key, None).body.is_none());
}
