//! Pictures on X's page: each distinct one is read once, and a screen is judged when its pictures are.
//!
//! What was read is kept in this instance alone, never in a store, and goes when the vault is locked or the page is left:
//! it is a key that nobody has chosen yet.

use super::App;
use crate::clock::{Span, UnixTime};
use crate::effect::Effect;
use crate::env::Env;
use crate::protocol::Screen;
use crate::secret::Secret;
use crate::sites::qr::{self, Bitmap, Fingerprint, QrKey};
use crate::sites::x::Place;
use alloc::vec::Vec;

/// Most pictures that are read in one minute: X shows one or two, and a page that paints new ones all the time must
/// not keep the background busy. Above it a screen is judged by its text alone, which then is asked.
const MOST_A_MINUTE: u32 = 40;
/// Most pictures that are remembered.
const MOST_KEPT: usize = 16;

/// Pictures of X's tabs.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    read: Vec<Read>,
    waiting: Vec<Waiting>,
    /// How many were read since then.
    spent: (u32, UnixTime),
}

#[derive(Debug)]
struct Read {
    tab: i32,
    of: Fingerprint,
    says: Vec<QrKey>,
}

/// A screen that is judged once these pictures are read.
#[derive(Debug)]
struct Waiting {
    tab: i32,
    place: Place,
    asked: Vec<Fingerprint>,
    screen: Screen,
    incognito: bool,
}

impl Pictures {
    pub(super) fn forget(&mut self, tab: i32) {
        self.read.retain(|it| it.tab != tab);
        self.waiting.retain(|it| it.tab != tab);
    }

    /// What is read stays known for as long as the vault is open.
    pub(super) fn forget_all(&mut self) {
        self.read.clear();
        self.waiting.clear();
    }

    fn knows(&self, tab: i32, of: Fingerprint) -> bool {
        self.read.iter().any(|it| it.tab == tab && it.of == of)
    }

    fn may_read(&mut self, count: usize, now: UnixTime) -> bool {
        let (spent, since) = &mut self.spent;
        if now < *since || now.since(*since) >= Span::minutes(1) {
            (*spent, *since) = (0, now);
        }
        *spent += u32::try_from(count).unwrap_or(u32::MAX / 2);
        *spent <= MOST_A_MINUTE
    }
}

impl App {
    /// What the QR codes of a screen say; nothing yet if they have to be read first, and the screen is then seen again.
    pub(super) fn qr_codes(
        &mut self,
        tab: i32,
        place: Place,
        screen: &Screen,
        incognito: bool,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) -> Option<Vec<QrKey>> {
        let bitmaps = qr::bitmaps(&screen.pictures);
        let all: Vec<Fingerprint> = bitmaps.iter().map(Bitmap::fingerprint).collect();
        let mut unread: Vec<Bitmap> = Vec::new();
        for (bitmap, of) in bitmaps.into_iter().zip(&all) {
            if !self.pictures.knows(tab, *of) && unread.iter().all(|it| it.fingerprint() != *of) {
                unread.push(bitmap);
            }
        }
        // The latest screen counts; what an earlier one asked for may still be on its way.
        let under_way = self.pictures.waiting.iter().position(|it| it.tab == tab);
        let asked = under_way.map(|at| self.pictures.waiting.swap_remove(at).asked).unwrap_or_default();
        let fresh: Vec<Bitmap> = unread.iter().filter(|it| !asked.contains(&it.fingerprint())).cloned().collect();
        let readable = fresh.is_empty() || self.pictures.may_read(fresh.len(), now);
        if unread.is_empty() || !readable {
            let says = self.pictures.read.iter().filter(|it| it.tab == tab && all.contains(&it.of));
            let mut codes: Vec<QrKey> = Vec::new();
            for code in says.flat_map(|it| &it.says) {
                if !codes.contains(code) {
                    codes.push(code.clone());
                }
            }
            return Some(codes);
        }
        let asked = unread.iter().map(Bitmap::fingerprint).collect();
        self.pictures.waiting.push(Waiting { tab, place, asked, screen: screen.clone(), incognito });
        if !fresh.is_empty() {
            out.push(Effect::Decode(tab, fresh));
        }
        None
    }

    /// Pictures were read: the screen that waited for them is judged.
    pub(super) fn decoded(
        &mut self,
        tab: i32,
        read: &[(Fingerprint, Vec<Secret>)],
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let Some(at) = self.pictures.waiting.iter().position(|it| it.tab == tab) else { return };
        for (of, texts) in read {
            if !self.pictures.knows(tab, *of) {
                self.pictures.read.push(Read { tab, of: *of, says: qr::keys(texts) });
            }
        }
        let too_many = self.pictures.read.len().saturating_sub(MOST_KEPT);
        self.pictures.read.drain(..too_many);
        let asked = &self.pictures.waiting[at].asked;
        if asked.iter().all(|of| self.pictures.knows(tab, *of)) {
            let Waiting { place, screen, incognito, .. } = self.pictures.waiting.swap_remove(at);
            self.saw(tab, place, &screen, incognito, env, out);
        }
    }
}
