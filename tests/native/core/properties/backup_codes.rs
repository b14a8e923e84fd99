//! Whatever happens, in whatever order: at most five codes, no two the same, in the order they came.

use crate::world::START;
use longkey_core::backup_codes::{BackupCode, BackupCodes, BackupMark, CodeState, LENGTH, MOST};
use longkey_core::clock::{Span, UnixTime};
use longkey_core::long_key::LongKey;
use longkey_core::refusal::Refusal;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happens {
    Seen(u8),
    Added(Vec<u8>),
    Marked(u8, u8),
    Anew(u8),
    Off,
    TakenIn(Vec<u8>),
    Written,
    /// The clock is set back or goes on.
    Clock(i32),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0..12_u8).prop_map(Happens::Seen),
        prop::collection::vec(0..12_u8, 0..6).prop_map(Happens::Added),
        (0..6_u8, 0..6_u8).prop_map(|(mark, at)| Happens::Marked(mark, at)),
        (0..6_u8).prop_map(Happens::Anew),
        Just(Happens::Off),
        prop::collection::vec(0..12_u8, 0..6).prop_map(Happens::TakenIn),
        Just(Happens::Written),
        (-5000..5000_i32).prop_map(Happens::Clock),
    ]
}

fn code(number: u8) -> BackupCode {
    BackupCode::parse(&format!("code{number:08}")).expect("a code")
}

fn list(numbers: &[u8]) -> Vec<BackupCode> {
    numbers.iter().map(|it| code(*it)).collect()
}

fn added(codes: &BackupCodes, at: u8) -> UnixTime {
    codes.iter().nth(at.into()).map_or(UnixTime(7), |it| it.added)
}

proptest! {
    #[test]
    fn order_number_and_sameness_hold(story in prop::collection::vec(happens(), 1..60)) {
        let (mut codes, mut now) = (BackupCodes::default(), START);
        for it in story {
            let before: Vec<BackupCode> = codes.iter().map(|it| it.code.clone()).collect();
            let spent: Vec<BackupCode> =
                codes.iter().filter(|it| !it.state.is_open()).map(|it| it.code.clone()).collect();
            let undone = matches!(it, Happens::Marked(5, _));
            match &it {
                Happens::Seen(number) => { codes.saw(code(*number), now); }
                Happens::Added(numbers) => {
                    if codes.add(list(numbers), now).is_err() {
                        prop_assert_eq!(codes.iter().map(|it| it.code.clone()).collect::<Vec<_>>(), before.clone());
                    }
                }
                Happens::Marked(mark, at) => {
                    let added = added(&codes, *at);
                    let mark = match mark {
                        0 => BackupMark::Used(added),
                        1 => BackupMark::Refused(added),
                        2 => BackupMark::Next(added),
                        3 => BackupMark::NoneUsed,
                        4 => BackupMark::Dead,
                        _ => BackupMark::Undo,
                    };
                    if codes.mark(mark, now) && let BackupMark::Used(added) | BackupMark::Next(added) = mark {
                        let open = codes.iter().filter(|it| it.added < added && it.state.is_open()).count();
                        prop_assert_eq!(open, 0, "nothing before it is open");
                    }
                }
                Happens::Anew(at) => codes.enrolled_anew(added(&codes, *at), now),
                Happens::Off => {
                    codes.two_factor_off(now);
                    prop_assert!(codes.next().is_none());
                }
                Happens::TakenIn(numbers) => {
                    let mut other = BackupCodes::default();
                    for number in numbers {
                        other.saw(code(*number), START);
                    }
                    codes.take_in(other);
                }
                Happens::Written => {
                    let text = serde_json::to_string(&codes).expect("JSON");
                    codes = serde_json::from_str(&text).expect("read again");
                    prop_assert_eq!(serde_json::to_string(&codes).expect("JSON"), text);
                }
                Happens::Clock(by) => now = UnixTime(now.0.saturating_add_signed(i64::from(*by))),
            }
            let after: Vec<&BackupCode> = codes.iter().map(|it| &it.code).collect();
            prop_assert!(after.len() <= MOST);
            for (at, it) in after.iter().enumerate() {
                prop_assert!(!after[..at].contains(it), "the same code twice");
            }
            let times: Vec<UnixTime> = codes.iter().map(|it| it.added).collect();
            prop_assert!(times.windows(2).all(|it| it[0] < it[1]), "{:?}", times);
            // What stayed stands in the order it stood in.
            let stayed: Vec<&BackupCode> = before.iter().filter(|it| after.contains(it)).collect();
            prop_assert_eq!(after.iter().copied().filter(|it| before.contains(it)).collect::<Vec<_>>(), stayed);
            // Only the user brings back what was used or cancelled, by taking the last change back.
            let revived = codes.iter().any(|it| it.state.is_open() && spent.contains(&it.code));
            let marked = matches!(it, Happens::Marked(..));
            prop_assert!(!revived || undone || marked);
            // The next one is the oldest unused one, or there is none of these.
            let oldest = codes.iter().find(|it| it.state == CodeState::Unused);
            prop_assert!(oldest.is_none_or(|it| codes.next().is_some_and(|next| next.added == it.added)));
            prop_assert_eq!(codes.next().is_none(), codes.iter().all(|it| !it.state.is_open()));
            now = now.after(Span(1));
        }
    }

    #[test]
    fn a_code_is_no_key_and_a_key_no_code(text in "[a-z0-9]{12}", key in "[A-Z2-7]{16}|[A-Z2-7]{26}|[A-Z2-7]{32}") {
        let read = BackupCode::parse(&text).expect("a code");
        prop_assert_eq!(read.expose(), text.as_str());
        prop_assert_eq!(LongKey::parse(&text).err(), Some(Refusal::KeyIsBackupCode));
        let grouped = key.as_bytes().chunks(4).map(|it| str::from_utf8(it).expect("ASCII")).collect::<Vec<_>>().join(" ");
        for text in [key.to_lowercase(), grouped, key.clone()] {
            prop_assert!(matches!(BackupCode::parse_list(&text), Err(Refusal::BackupIsKey)), "{}", text);
        }
        prop_assert!(LongKey::parse(&key).is_ok());
    }

    #[test]
    fn any_text_is_read_without_harm(text in "\\PC{0,200}|[a-z0-9 ,;\n-]{0,80}") {
        if let Ok(codes) = BackupCode::parse_list(&text) {
            prop_assert!((1..=MOST).contains(&codes.len()));
            for code in codes {
                prop_assert!(code.expose().len() == LENGTH);
                prop_assert!(code.expose().bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()));
            }
        }
    }
}
