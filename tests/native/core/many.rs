//! Two hundred accounts drop at once: the machine against a scripted service with pauses, rate limits, failures, silence and
//! deaths of the worker, led through by somebody who does what the run list offers. Every account ends in a stated
//! state, and no POST is sent that was not asked for.

use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::For;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::run::{self, Came, Halt, Known, Place, Sum};
use longkey_core::secret::Secret;
use longkey_core::services::xquik::Health;
use longkey_core::services::{Call, Method, Reply};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ACCOUNTS: usize = 200;

/// What the service knows of an account.
#[derive(Clone, Default)]
struct Served {
    health: &'static str,
    /// POSTs that came.
    posts: u32,
    paused: UnixTime,
}

struct Service {
    all: Vec<Served>,
    /// POSTs since the window opened.
    window: (UnixTime, u32),
    seed: u64,
}

impl Service {
    fn new(seed: u64) -> Self {
        Self { all: vec![Served { health: "needsReauth", ..Served::default() }; ACCOUNTS], window: (START, 0), seed }
    }

    fn chance(&mut self, of: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % of
    }

    fn told(&self, at: usize) -> String {
        let health = self.all[at].health;
        format!(
            r#"{{"id":"{}","xUserId":"7{at}","xUsername":"acme_{at}","status":"active","health":"{health}"}}"#,
            910_000 + at
        )
    }

    /// The answer; none where the connection breaks.
    fn answers(&mut self, call: &Call, now: UnixTime) -> Reply {
        let answer =
            |status, body: String| Reply::Answer { status, retry_after: None, date: None, body: Secret::new(body) };
        let path = call.path.split_once("/x/accounts").map_or("", |it| it.1);
        let Some(id) = path.strip_prefix('/') else {
            let from: usize = path.split_once("cursor=").map_or(0, |it| it.1.parse().expect("a cursor"));
            let to = (from + 100).min(ACCOUNTS);
            let page: Vec<String> = (from..to).map(|at| self.told(at)).collect();
            let more = if to < ACCOUNTS { format!(r#","nextCursor":"{to}""#) } else { String::new() };
            return answer(200, format!(r#"{{"accounts":[{}]{more}}}"#, page.join(",")));
        };
        let at = id.trim_end_matches("/reauth").parse::<usize>().expect("an id") - 910_000;
        if call.method == Method::Get {
            return answer(200, self.told(at));
        }
        self.all[at].posts += 1;
        assert!(self.all[at].paused <= now, "{at} was sent during its pause");
        if now.since(self.window.0) >= Span::seconds(60) {
            self.window = (now, 0);
        }
        self.window.1 += 1;
        if self.window.1 > 40 {
            let left = Span::seconds(60).0 - now.since(self.window.0).0;
            return answer(429, format!(r#"{{"error":"rate_limit_exceeded","retryAfter":{}}}"#, left.div_ceil(1000)));
        }
        match self.chance(40) {
            0 | 1 => answer(422, r#"{"error":"login_failed"}"#.into()),
            2 => answer(422, r#"{"error":"passkey_required"}"#.into()),
            3 => answer(503, r#"{"error":"service_unavailable"}"#.into()),
            4 | 5 => {
                self.all[at].paused = now.after(Span::minutes(10));
                answer(429, r#"{"error":"login_cooldown","reason":"temporary_issue","retryAfterMs":600000}"#.into())
            }
            6 => Reply::Silence,
            7 => {
                self.all[at].health = "healthy";
                Reply::Silence
            }
            8 => {
                self.all[at].health = "locked";
                answer(200, self.told(at))
            }
            9 => Reply::Offline,
            _ => {
                self.all[at].health = "healthy";
                answer(200, self.told(at))
            }
        }
    }
}

fn known(account: &AccountView, everybody: Option<UnixTime>) -> Known {
    let came = account.attempt.as_ref().map_or(Came::Nothing, |attempt| match &attempt.outcome {
        Outcome::Running => Came::Running,
        Outcome::Unknown => Came::Unknown,
        Outcome::Answered { verdict, .. } => Came::named(verdict.code()),
    });
    let verdict = account.attempt.as_ref().and_then(|attempt| match &attempt.outcome {
        Outcome::Answered { verdict, .. } => verdict.until(),
        Outcome::Running | Outcome::Unknown => None,
    });
    let sent = account.attempt.as_ref().map_or(UnixTime(0), |it| it.sent);
    Known {
        needs: account.health == Health::NeedsReauth,
        sent,
        came,
        until: account.not_before.filter(|it| Some(*it) != everybody).or(verdict),
        key_works: false,
    }
}

/// Everything that waits for the service is answered.
fn serve(world: &mut World, service: &mut Service) {
    while let Some(call) = world.sent.first().map(|it| it.0.clone()) {
        let reply = service.answers(&call, world.now);
        world.replies(reply);
    }
}

/// The accounts, and the pause of their workspace.
fn accounts(world: &mut World, service: &mut Service) -> (Vec<AccountView>, Option<UnixTime>) {
    let view = world.view();
    // A page that opens asks for the list; the one that is shown is the one from before.
    serve(world, service);
    let slowed = view.xquik.iter().filter_map(|it| it.not_before).max();
    (view.xquik.into_iter().flat_map(|it| it.accounts).collect(), slowed)
}

/// Where each account stands in the end, how often each was sent by a click, the service, and how often it all stood still.
type Led = (Vec<(String, Place)>, BTreeMap<String, u32>, Service, u32);

/// Does what the list offers until it offers nothing.
fn led_through(seed: u64) -> Led {
    let mut service = Service::new(seed);
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.ask_for(Question::Connect { api_key: Secret::new(API_KEY.into()), name: String::new(), workspace: None });
    serve(&mut world, &mut service);
    let mut clicks: BTreeMap<String, u32> = BTreeMap::new();
    let (mut past, mut halts) = (None, 0);
    let start = world.now;
    for _ in 0..5_000 {
        let (all, slowed) = accounts(&mut world, &mut service);
        let every: Vec<Known> = all.iter().map(|it| known(it, slowed)).collect();
        let began = run::began(&every, world.now);
        assert!(began >= start, "the run does not begin before it began");
        let places: Vec<Place> = every.iter().map(|it| it.place(began, world.now)).collect();
        let mut sum = Sum::default();
        places.iter().for_each(|place| sum.add(*place));
        world.later(Span::seconds(2));
        match run::halt(&every, slowed, began, past, world.now) {
            Some(Halt::Pause(until)) => {
                world.now = until;
                continue;
            }
            Some(halt) => {
                assert_eq!(halt, Halt::TwoRefusals, "the script has no other");
                halts += 1;
                past = Some(world.now);
                continue;
            }
            None => {}
        }
        let at = |wanted: Place| places.iter().position(|it| *it == wanted).map(|at| all[at].id.clone());
        if let Some(id) = at(Place::Ready) {
            *clicks.entry(id.id.clone()).or_default() += 1;
            let password = Secret::new("a password".into());
            let question = Question::SignIn {
                account: id.clone(),
                password,
                key: KeyChoice::Theirs,
                email: None,
                region: None,
                entry: None,
                since: None,
            };
            world.done(question.clone());
            assert_eq!(world.refusal(question), Refusal::StillRunning, "a second press is one too many");
            assert_eq!(world.sent.iter().filter(|it| matches!(it.1, For::SignIn { .. })).count(), 1, "one at a time");
            // The worker dies: before the request has left, or after it has come.
            match service.chance(50) {
                0 => world.kill_worker(),
                1 => {
                    let calls: Vec<Call> = world.sent.iter().map(|it| it.0.clone()).collect();
                    calls.iter().for_each(|call| drop(service.answers(call, world.now)));
                    world.kill_worker();
                }
                _ => serve(&mut world, &mut service),
            }
        } else if let Some(id) = at(Place::Check) {
            world.later(Span::seconds(121));
            world.ask_for(Question::CheckStatus { account: id });
            serve(&mut world, &mut service);
        } else if let Some(until) = sum.next {
            world.now = until;
        } else {
            assert!(sum.is_over() && sum.signed > 0, "{sum:?}");
            // Who opens the page again, after the browser was closed, reads the same.
            world.restart_browser();
            let (again, slowed) = accounts(&mut world, &mut service);
            let again: Vec<Known> = again.iter().map(|it| known(it, slowed)).collect();
            let began = run::began(&again, world.now);
            let after: Vec<Place> = again.iter().map(|it| it.place(began, world.now)).collect();
            let mut sum_after = Sum::default();
            after.iter().for_each(|place| sum_after.add(*place));
            assert_eq!(sum_after, sum, "a restart changes nothing of it");
            return (all.into_iter().map(|it| it.id.id).zip(places).collect(), clicks, service, halts);
        }
    }
    panic!("the run does not end");
}

#[test]
fn two_hundred_accounts_end_in_a_stated_state_and_none_is_sent_unasked() {
    let mut halts = 0;
    for seed in 0..if cfg!(target_arch = "wasm32") { 1 } else { 3 } {
        let (places, clicks, service, stops) = led_through(seed);
        halts += stops;
        let mut sum = Sum::default();
        for (id, place) in &places {
            let at = id.parse::<usize>().expect("an id") - 910_000;
            let (served, asked) = (&service.all[at], clicks.get(id).copied().unwrap_or_default());
            assert!(served.posts <= asked, "seed {seed}, {id}: {} POSTs for {asked} clicks", served.posts);
            assert!(!matches!(place, Place::Ready | Place::Running | Place::Check), "seed {seed}, {id}: {place:?}");
            assert_eq!(
                *place == Place::Signed,
                served.health == "healthy",
                "seed {seed}, {id}: {place:?}, {}",
                served.health
            );
            sum.add(*place);
        }
        assert_eq!(places.len(), ACCOUNTS);
        assert!(sum.signed > 120 && sum.key > 3 && sum.refused > 3, "seed {seed}: the script has all of it: {sum:?}");
    }
    assert!(cfg!(target_arch = "wasm32") || halts > 0, "two refusals in a row never came: the seeds show nothing");
}

fn answered(came: Came, sent: u64) -> Known {
    Known { needs: true, sent: UnixTime::from_seconds(sent), came, ..Known::default() }
}

#[test]
fn it_stops_where_the_same_mistake_would_be_made_again() {
    let now = UnixTime::from_seconds(10_000);
    let halt = |all: &[Known], past| run::halt(all, None, run::began(all, now), past, now);
    let at = UnixTime::from_seconds;
    let (ok, no) = (|sent| answered(Came::SignedIn, sent), |sent| answered(Came::Refused, sent));
    // The order is that of the sending, not of the list.
    assert_eq!(halt(&[no(9_003), ok(9_002), no(9_001)], None), None);
    assert_eq!(halt(&[no(9_003), ok(9_001), no(9_002)], None), Some(Halt::TwoRefusals));
    assert_eq!(halt(&[no(9_001), no(9_002), answered(Came::Running, 9_003)], None), Some(Halt::TwoRefusals));
    // What lies between them and is no answer does not part them.
    assert_eq!(halt(&[no(9_001), answered(Came::Untried, 9_002), no(9_003)], None), Some(Halt::TwoRefusals));
    // [Go on]: it takes two new ones.
    assert_eq!(halt(&[no(9_001), no(9_002)], Some(at(9_002))), None);
    assert_eq!(halt(&[no(9_001), no(9_002), no(9_003)], Some(at(9_002))), None);
    assert_eq!(halt(&[no(9_001), no(9_002), no(9_003), no(9_004)], Some(at(9_002))), Some(Halt::TwoRefusals));
    assert_eq!(halt(&[answered(Came::KeyRefused, 9_001)], None), Some(Halt::ApiKey));
    assert_eq!(halt(&[answered(Came::KeyRefused, 9_001)], Some(at(9_001))), None);
    // A pause cannot be pressed away, and ends by itself.
    let slow = |until| Known { until, ..answered(Came::SlowDown, 9_500) };
    let slowed = |all: &[Known], until| run::halt(all, Some(until), run::began(all, now), Some(at(9_900)), now);
    assert_eq!(slowed(&[slow(Some(at(10_060)))], at(10_060)), Some(Halt::Pause(at(10_060))));
    assert_eq!(slowed(&[slow(Some(at(9_999)))], at(9_999)), None);
    // However long ago it was asked for, and whoever met it: a page that is opened then sends nothing into it.
    assert_eq!(slowed(&[], at(10_060)), Some(Halt::Pause(at(10_060))));
    assert_eq!(slowed(&[ok(1_001)], at(10_060)), Some(Halt::Pause(at(10_060))));
    assert_eq!(halt(&[slow(None)], None), Some(Halt::SlowDown));
    // What was refused yesterday stops nothing today.
    assert_eq!(halt(&[no(1_001), no(1_002)], None), None);
}

#[test]
fn each_account_has_its_place() {
    let now = UnixTime::from_seconds(10_000);
    let began = UnixTime::from_seconds(9_000);
    let later = UnixTime::from_seconds(10_060);
    let place = |known: Known| known.place(began, now);
    assert_eq!(place(Known::default()), Place::Out);
    assert_eq!(place(Known { needs: true, ..Known::default() }), Place::Ready);
    assert_eq!(place(Known { needs: true, until: Some(later), ..Known::default() }), Place::Later(later));
    assert_eq!(place(answered(Came::SignedIn, 9_001)), Place::Signed, "a list from before says otherwise");
    assert_eq!(place(answered(Came::SignedIn, 8_999)), Place::Ready, "it has dropped again since");
    assert_eq!(place(answered(Came::Refused, 9_001)), Place::NeedsKey);
    assert_eq!(place(Known { key_works: true, ..answered(Came::Refused, 9_001) }), Place::Refused);
    assert_eq!(place(Known { until: Some(later), ..answered(Came::Refused, 9_001) }), Place::Later(later));
    assert_eq!(place(answered(Came::Unknown, 1)), Place::Check, "however long ago");
    for came in [Came::KeyRefused, Came::SlowDown, Came::Untried] {
        assert_eq!(place(answered(came, 9_001)), Place::Ready, "{came:?}: nothing went to X");
    }
    let words = ["running", "unknown", "no_answer"]
        .into_iter()
        .chain(longkey_core::services::xquik::Verdict::CODES.iter().copied());
    for word in words {
        assert_ne!(Came::named(word), Came::Nothing, "{word}");
    }
}
