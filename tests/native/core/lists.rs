//! What watching makes of lists that are not as they should be: short by an account, with one twice, or longer than can be kept.

use crate::watching::*;
use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::effect::Key;
use longkey_core::services::xquik::Verdict;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn an_account_that_a_list_leaves_out_is_remembered_for_a_while() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    let short = down(&[1]).replace("900001", "900009");
    polled(&mut world, &short);
    polled(&mut world, &down(&[1]));
    assert_eq!(world.alerts.len(), 1, "the same incident");
    polled(&mut world, &short);
    for _ in 0..4 {
        world.later(Span::days(10));
        world.unlocks(1);
        world.view();
        if !world.sent.is_empty() {
            world.service_answers(200, &short);
        }
    }
    assert!(!world.local[&Key::Accounts].contains("900001"));
}

#[test]
fn thirty_days_count_from_the_first_list_that_leaves_an_account_out() {
    let mut world = watched();
    let long_well = |world: &mut World| {
        for _ in 0..6 {
            world.later(Span::days(10));
            world.unlocks(1);
            world.view();
            world.service_answers(200, &five(FINE));
        }
    };
    long_well(&mut world);
    let short = five(FINE).replace("900001", "900009");
    polled(&mut world, &short);
    polled(&mut world, &down(&[1]));
    assert_eq!(told(&world), ["acme_1: needs_reauth"], "well for two months, left out once, and lost");
    polled(&mut world, &five(FINE));
    // Back again, the days are counted anew.
    long_well(&mut world);
    for _ in 0..2 {
        polled(&mut world, &short);
    }
    assert!(world.local[&Key::Accounts].contains("900001"));
    polled(&mut world, &down(&[1]));
    assert_eq!(world.alerts.len(), 2);
}

/// A page of accounts with these ids.
fn page(ids: std::ops::Range<usize>, next: &str) -> String {
    let account = |id| format!(r#"{{"id":"{id}","xUsername":"acme_{id}","status":"active","health":"healthy"}}"#);
    let accounts: Vec<String> = ids.map(account).collect();
    format!(r#"{{"accounts":[{}],"nextCursor":{next}}}"#, accounts.join(","))
}

#[test]
fn an_account_that_is_listed_twice_is_one() {
    let mut world = watched();
    let twice =
        |first: &str, second: &str| five(["healthy", first, second, "healthy", "healthy"]).replace("900002", "900001");
    for (first, second) in [("needsReauth", "healthy"), ("needsReauth", "healthy"), ("needsReauth", "locked")] {
        polled(&mut world, &twice(first, second));
    }
    assert_eq!((told(&world), world.badge.as_str()), (vec!["acme_1: needs_reauth".to_owned()], "1"));
    let view = world.view();
    assert_eq!((view.xquik[0].accounts.len(), view.xquik[0].left_out), (4, 0));
}

#[test]
fn two_thousand_accounts_are_kept_and_the_others_counted() {
    let mut world = watched();
    rings(&mut world);
    world.service_answers(200, &page(0..1_500, "\"a\""));
    world.service_answers(200, &page(1_400..2_600, "\"b\""));
    let long = "x".repeat(300);
    let odd = format!(
        r#"{{"accounts":[{{"id":"{long}","xUsername":"a","health":"healthy"}},{{"id":"","xUsername":"b","health":"healthy"}}]}}"#
    );
    world.service_answers(200, &odd);
    let kept = |world: &mut World| {
        let view = world.view();
        (view.xquik[0].accounts.len(), view.xquik[0].left_out)
    };
    assert_eq!(kept(&mut world), (2_000, 602));
    world.restart_browser();
    world.unlocks(1);
    assert_eq!(kept(&mut world), (2_000, 602));
    // What is remembered of accounts that are listed no more is not unlimited either.
    polled(&mut world, &page(10_000..12_000, "null"));
    assert!(world.local[&Key::Accounts].matches('/').count() <= 4_000);
    polled(&mut world, &odd.replace(&long, "1").replace(r#""xUsername":"b""#, &format!(r#""xUsername":"{long}""#)));
    assert_eq!(kept(&mut world), (1, 1));
}

#[test]
fn one_odd_row_hides_no_other() {
    let odd = [
        r#""health":null"#,
        r#""health":{"is":"healthy"}"#,
        r#""xUsername":7,"health":"healthy""#,
        r#""xUsername":null,"health":"healthy""#,
        r#""id":null,"health":"healthy""#,
        r#""health":"locked","health":"healthy""#,
    ];
    let mut rows: Vec<String> = odd
        .iter()
        .map(|it| {
            let id = if it.contains("id") { "" } else { r#""id":"9","# };
            let name = if it.contains("xUsername") { "" } else { r#""xUsername":"odd","# };
            format!("{{{id}{name}{it}}}")
        })
        .collect();
    rows.push("null".into());
    // What is told beside does not have to be read.
    rows.push(r#"{"id":"8","xUsername":"acme_8","status":null,"health":"locked","xUserId":8,"connectedAt":{},"loginCountry":[]}"#.into());
    let mut world = watched();
    let list = five(FINE);
    let list = list.replacen('[', &format!("[{},", rows.join(",")), 1);
    polled(&mut world, &list);
    let view = world.view();
    assert_eq!((view.xquik[0].accounts.len(), view.xquik[0].left_out, view.xquik[0].trouble.clone()), (6, 7, None));
    // On a later page they count as well.
    rings(&mut world);
    world.service_answers(200, &list.replace(r#""hasMore":false"#, r#""nextCursor":"a""#));
    world.service_answers(200, &list);
    assert_eq!(world.view().xquik[0].left_out, 14);
    // What has no row that can be read is no list.
    polled(&mut world, &format!(r#"{{"accounts":[{}]}}"#, rows[..6].join(",")));
    let view = world.view();
    assert_eq!(
        (view.xquik[0].accounts.len(), view.xquik[0].trouble.clone()),
        (6, Some(Verdict::Unfamiliar { status: 200, code: None }))
    );
}
