//! What the services answer. The first byte says which reader, the second which status; the rest is the body. Nothing of
//! what was sent may come to the screen or into a store by an answer that echoes it, and no pause is longer than a month.

use longkey_core::clock::{Span, UnixTime};
use longkey_core::label::Handle;
use longkey_core::secret::Secret;
use longkey_core::services::Reply;
use longkey_core::services::fansly::{self, FansKey, Login, Started};
use longkey_core::services::xquik::connect::{self, Asked, Progress};
use longkey_core::services::xquik::{self, Health, Verdict};
use std::sync::LazyLock;

const STATUSES: [u16; 12] = [200, 201, 202, 400, 401, 404, 409, 410, 422, 429, 503, 599];
const ACCOUNT: &str = "900001";
/// Letters that no field name has in a row.
const KEY: &str = "fans_Q7w9Zk3Vx5Jp8Nt2Rb6Y";
static FANS_KEY: LazyLock<FansKey> =
    LazyLock::new(|| FansKey::parse(&Secret::new(KEY.into())).expect("the form of a key"));
/// 2026-11-21T00:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_795_219_200);

pub(crate) fn run(bytes: &[u8]) -> bool {
    let [reader, status, body @ ..] = bytes else { return false };
    let Ok(body) = str::from_utf8(body) else { return false };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let reply = Reply::Answer { status, retry_after: None, date: None, body: Secret::new(body.into()) };
    match reader % 9 {
        0 => xquik::read_list(&reply, NOW).map_or_else(|verdict| is_plain(&verdict), |_| true),
        1 => xquik::read_account(&reply, NOW, ACCOUNT).map_or_else(
            |verdict| is_plain(&verdict),
            |account| {
                assert_eq!(account.id, ACCOUNT, "another account's answer");
                true
            },
        ),
        2 => {
            let (verdict, account) = xquik::read_sign_in(&reply, NOW, ACCOUNT);
            if matches!(verdict, Verdict::SignedIn { .. }) {
                assert_eq!(account.map(|it| (it.id, it.health)), Some((ACCOUNT.into(), Health::Healthy)));
            }
            is_plain(&verdict)
        }
        asked @ 3..6 => connection([Asked::Connect, Asked::Attempt, Asked::Submit][usize::from(asked) - 3], &reply),
        6 => fansly::read_list(&reply, NOW, &FANS_KEY).is_ok_and(|rows| {
            for row in &rows {
                assert!((1..=200).contains(&row.id.len()));
                may_be_shown(&row.id);
                may_be_shown(&row.name);
            }
            !rows.is_empty()
        }),
        7 => match fansly::read_start(&reply, NOW, Some(&FANS_KEY)) {
            Started::Yes => body.contains("success"),
            Started::NotNow(why) => why.is_none_or(|why| is_told(&why)),
            Started::No(trouble) => ends_soon(trouble.until),
        },
        _ => match fansly::read_login(&reply, NOW, ACCOUNT, Some(&FANS_KEY)) {
            Ok(Login::Code { sent_to: Some(to), .. }) => {
                assert!(to.contains('*') && to.contains('@') && to.len() <= 64);
                is_told(&to)
            }
            Ok(Login::Refused(Some(why))) => is_told(&why),
            Ok(_) => true,
            Err(trouble) => ends_soon(trouble.until),
        },
    }
}

fn connection(asked: Asked, reply: &Reply) -> bool {
    let handle = Handle::parse("standin_user").expect("a handle");
    // An opaque id stands in a path: unreserved characters (RFC 3986 §2.3), and not what another path is written with.
    let plain = |id: &str| {
        let unreserved = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
        assert!((1..=200).contains(&id.len()) && id.bytes().all(unreserved) && !matches!(id, "." | ".."), "{id}");
    };
    match connect::read(asked, reply, NOW, &handle, &[]) {
        Progress::Pending { attempt, wait } => {
            attempt.iter().for_each(|id| plain(id));
            assert!((Span::seconds(1)..=Span::minutes(5)).contains(&wait));
        }
        Progress::Code { challenge, .. } => plain(&challenge),
        Progress::Failed { verdict, .. } | Progress::Unread(verdict) => return is_plain(&verdict),
        _ => {}
    }
    true
}

/// Whether it is a familiar one.
fn is_plain(verdict: &Verdict) -> bool {
    ends_soon(verdict.until());
    match verdict {
        Verdict::Unfamiliar { code, .. } => {
            let word = |it: &String| it.len() <= 40 && it.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
            assert!(code.iter().all(word), "{verdict:?}");
            return false;
        }
        Verdict::LoginFailed { reason, .. } => {
            assert!(reason.iter().all(|it| !it.contains(' ') && it.len() <= 40), "{verdict:?}");
        }
        Verdict::SignedIn { country } => assert!(country.iter().all(|it| it.len() == 2)),
        _ => {}
    }
    true
}

fn ends_soon(until: Option<UnixTime>) -> bool {
    assert!(until.is_none_or(|until| until <= NOW.after(Span::days(31))), "{until:?}");
    until.is_some()
}

/// A sentence: at most 120 characters, no code, nothing of the key.
fn is_told(text: &str) -> bool {
    assert!(text.chars().count() <= 120, "{text}");
    let digits = text.as_bytes().windows(6).any(|it| it.iter().all(u8::is_ascii_digit));
    assert!(!digits, "{text}");
    may_be_shown(text);
    true
}

/// Nothing of the key, whatever stands between its letters.
fn may_be_shown(text: &str) {
    let bare = |text: &str| text.replace(|it: char| !it.is_ascii_alphanumeric(), "").to_ascii_lowercase();
    let (text, key) = (bare(text), bare(KEY));
    let piece = (0..=key.len() - 8).map(|at| &key[at..at + 8]).find(|piece| text.contains(piece));
    assert_eq!(piece, None, "{text}");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let account = r#"{"id":"900001","xUserId":"1","xUsername":"Standin_User","status":"active","health":"healthy","connectedAt":"2026-01-02T03:04:05.000Z","loginCountry":"US"}"#;
    let list = format!(r#"{{"accounts":[{account}],"hasMore":true,"nextCursor":"c"}}"#);
    let failed = r#"{"error":"login_failed","reason":"wrong_password","retryAfter":"60","retryAfterMs":60000.5}"#;
    let rows = format!(
        r#"[{{"id":"acct_1","fansly_username":"fake_creator","display_name":"Fake 1","is_authenticated":true}},{{"id":"acct_2","fansly_username":null,"display_name":"{KEY}"}}]"#
    );
    let echo = format!(r#"{{"success":false,"reason":"try later, {KEY}","message":"no"}}"#);
    let login = r#"{"account_id":"900001","is_authenticated":false,"status":"pending","needs_code":true,"twofa_type":2,"masked_email":"f**@e*****.invalid","last_error":null}"#;
    let refused = r#"{"account_id":"900001","is_authenticated":false,"last_error":{"code":"bad","message":"wrong password, code 123 45"}}"#;
    let seeds: [(u8, u8, &str); 17] = [
        (0, 0, &list),
        (0, 9, r#"{"error":"rate_limit_exceeded","retryAfter":99999999999}"#),
        (1, 0, account),
        (2, 0, account),
        (2, 2, r#"{"status":"requires_email_code"}"#),
        (2, 8, failed),
        (2, 8, r#"{"error":{"type":"t","code":"passkey_required","message":"m"}}"#),
        (3, 1, account),
        (3, 2, r#"{"status":"pending","id":"xatt_0123456789abcdef0123456789abcdef","pollAfterMs":2000}"#),
        (4, 0, r#"{"status":"requires_email_code","id":"xch_Ab12","expiresAt":"2026-11-21T00:10:00+01:00"}"#),
        (4, 0, r#"{"status":"failed","error":"login_cooldown","retryable":false}"#),
        (5, 7, r#"{"error":"challenge_expired"}"#),
        (6, 0, &rows),
        (7, 3, &echo),
        (7, 0, r#"{"success":true,"polling_url":"https://elsewhere.example"}"#),
        (8, 0, login),
        (8, 0, refused),
    ];
    seeds.iter().map(|(reader, status, body)| [&[*reader, *status], body.as_bytes()].concat()).collect()
}
