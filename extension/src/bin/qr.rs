//! The qr module: the texts of the QR codes in a picture, and the drawing of one code. It knows no key, no account and no
//! page.
//!
//! A picture that X or any other page draws is exact: its modules stand on a straight grid, so the symbol is sampled where it
//! has to be, from one pixel a module on, with or without a quiet zone. rqrr's search, which also reads photographs, comes
//! after that, and only where few places look like its finder patterns: it compares them three by three, and a page could
//! paint thousands.
//!
//! A trap here costs one reading: whoever calls drops the instance afterwards.

use qrcodegen::{QrCode, QrCodeEcc};
use rqrr::{BitGrid, Grid, PreparedImage, SimpleGrid};
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use wasm_bindgen::prelude::wasm_bindgen;

/// Sides of a symbol: versions 1 to 40 (ISO/IEC 18004 §6.1).
const SIDES: RangeInclusive<usize> = 21..=177;
/// Modules of a finder pattern's side.
const FINDER: usize = 7;
/// How much of the finder and timing patterns has to be right for a grid to be tried, of 100.
const FIT: usize = 90;
/// Light pixels around a picture for rqrr, which finds no symbol that touches the edge.
const QUIET: usize = 8;
/// Places that look like finder patterns: what four codes have, in a picture of a page's…
const FEW: usize = 12;
/// …and what a screenful of codes has, in a worker that can be ended.
const MANY: usize = 48;

/// Texts in a picture of one bit a pixel, the first in the highest bit, rows one after the other, 1 for dark.
#[wasm_bindgen]
#[must_use]
pub fn from_bits(bits: &[u8], width: usize, height: usize) -> Vec<String> {
    let Some(count) = width.checked_mul(height).filter(|count| *count > 0 && bits.len() >= count.div_ceil(8)) else {
        return Vec::new();
    };
    let luma = (0..count).map(|at| if bits[at / 8] >> (7 - at % 8) & 1 == 1 { 0 } else { 255 }).collect();
    Picture { width, height, luma }.texts(FEW)
}

/// Texts in a picture as a canvas gives it: red, green, blue, alpha. What is transparent counts as light.
#[wasm_bindgen]
#[must_use]
pub fn from_rgba(pixels: &[u8], width: usize, height: usize) -> Vec<String> {
    if width.checked_mul(height).is_none_or(|count| count == 0 || count * 4 != pixels.len()) {
        return Vec::new();
    }
    let luma = pixels.chunks_exact(4).map(|it| {
        let [red, green, blue, alpha] = [it[0], it[1], it[2], it[3]].map(u32::from);
        // ITU-R BT.601's weights, over white.
        let bright = (299 * red + 587 * green + 114 * blue) / 1000;
        ((bright * alpha + 255 * (255 - alpha)) / 255).to_le_bytes()[0]
    });
    Picture { width, height, luma: luma.collect() }.texts(MANY)
}

/// Light modules around a symbol (ISO/IEC 18004 §6.3.8).
const MARGIN: i32 = 4;

/// A QR code as a drawing: how many modules a side has, its margin included, a space, and a path (SVG 2 §9.3) of the dark
/// ones, a run of a row each. Empty where the text is too long for any code.
#[wasm_bindgen]
#[must_use]
pub fn draw(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let mut path = String::new();
    // Writing into a text cannot fail.
    let _ = write!(path, "{} ", code.size() + 2 * MARGIN);
    for y in 0..code.size() {
        let mut from = 0;
        // One module beyond the edge, which is light, ends the last run.
        for x in 0..=code.size() {
            if !code.get_module(x, y) {
                if x > from {
                    let _ = write!(path, "M{} {}h{}v1h-{}z", from + MARGIN, y + MARGIN, x - from, x - from);
                }
                from = x + 1;
            }
        }
    }
    path
}

#[derive(Clone)]
struct Picture {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Picture {
    /// Dark on light first, then light on dark.
    fn texts(mut self, most: usize) -> Vec<String> {
        if self.luma.iter().all(|it| *it == self.luma[0]) {
            return Vec::new();
        }
        for _ in 0..2 {
            let found = match self.exact() {
                Some(text) => vec![text],
                None => self.searched(most),
            };
            if !found.is_empty() {
                return found;
            }
            for pixel in &mut self.luma {
                *pixel = 255 - *pixel;
            }
        }
        Vec::new()
    }

    /// The symbol that fills the dark part of the picture.
    fn exact(&self) -> Option<String> {
        let (low, high) = (*self.luma.iter().min()?, *self.luma.iter().max()?);
        let middle = (u16::from(low) + u16::from(high)).div_ceil(2);
        let dark = |x: usize, y: usize| u16::from(self.luma[y * self.width + x]) < middle;
        let in_row = |y: &usize| (0..self.width).any(|x| dark(x, *y));
        let in_column = |x: &usize| (0..self.height).any(|y| dark(*x, y));
        let (top, bottom) = ((0..self.height).find(in_row)?, (0..self.height).rfind(in_row)? + 1);
        let (left, right) = ((0..self.width).find(in_column)?, (0..self.width).rfind(in_column)? + 1);
        let (wide, high) = (right - left, bottom - top);
        let mut best = (FIT - 1, None);
        for side in SIDES.step_by(4).filter(|side| *side <= wide.min(high)) {
            // The middle of a module, in half pixels.
            let at = |module: usize, from: usize, length: usize| from + (2 * module + 1) * length / (2 * side);
            let symbol = SimpleGrid::from_func(side, |x, y| dark(at(x, left, wide), at(y, top, high)));
            let fit = fit(&symbol);
            if fit > best.0 {
                best = (fit, Some(symbol));
            }
        }
        Grid::new(best.1?).decode().ok().map(|(_, text)| text)
    }

    /// What rqrr finds.
    fn searched(&self, most: usize) -> Vec<String> {
        if self.is_crowded(most) {
            return Vec::new();
        }
        let (width, height) = (self.width + 2 * QUIET, self.height + 2 * QUIET);
        let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            let inside = |at: usize, length: usize| at.checked_sub(QUIET).filter(|at| *at < length);
            match (inside(x, self.width), inside(y, self.height)) {
                (Some(x), Some(y)) => self.luma[y * self.width + x],
                _ => 255,
            }
        });
        let mut found: Vec<String> = Vec::new();
        for (_, text) in image.detect_grids().iter().filter_map(|grid| grid.decode().ok()) {
            if !found.contains(&text) {
                found.push(text);
            }
        }
        found
    }

    /// Whether more than so many places look like a finder pattern in their row and in their column: 1 : 1 : 3 : 1 : 1.
    fn is_crowded(&self, most: usize) -> bool {
        let mut found = 0;
        for y in 0..self.height {
            let mut last = Run::default();
            let mut row = [last; 5];
            // One pixel beyond the edge ends the last run.
            for x in 0..=self.width {
                let dark = x < self.width && self.is_dark(x, y);
                if x > 0 && x < self.width && dark == last.dark {
                    last.length += 1;
                    continue;
                }
                row.rotate_left(1);
                row[4] = last;
                last = Run { from: x, length: 1, dark };
                let Some((from, to)) = finder(&row) else { continue };
                // A row passes through a finder's middle; a run may be longer on one side than on the other.
                found += usize::from(self.is_middle(usize::midpoint(from, to - 1), y));
                if found > most {
                    return true;
                }
            }
        }
        false
    }

    /// Whether the column through this place is a finder pattern's too, with this place in the middle: so it counts once.
    fn is_middle(&self, x: usize, y: usize) -> bool {
        if !self.is_dark(x, y) {
            return false;
        }
        let mut up = [0_usize; 3];
        let mut down = [0_usize; 3];
        for (lengths, way) in [(&mut up, -1_isize), (&mut down, 1)] {
            let mut at = y;
            for (length, dark) in lengths.iter_mut().zip([true, false, true]) {
                while at < self.height && self.is_dark(x, at) == dark {
                    *length += 1;
                    // Above the first row it wraps round and is below the last.
                    at = at.wrapping_add_signed(way);
                }
            }
        }
        let run = |length, dark| Run { from: 0, length, dark };
        let core = run(up[0] + down[0] - 1, true);
        let column = [run(up[2], true), run(up[1], false), core, run(down[1], false), run(down[2], true)];
        finder(&column).is_some() && matches!(up[0].wrapping_sub(down[0]), 0 | 1)
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.luma[y * self.width + x] < 128
    }
}

/// Pixels of one shade in a row.
#[derive(Clone, Copy, Default)]
struct Run {
    from: usize,
    length: usize,
    dark: bool,
}

/// Where five runs begin and end, if they are a finder pattern's.
fn finder(runs: &[Run; 5]) -> Option<(usize, usize)> {
    let [first, second, third, fourth, fifth] = runs;
    let ones = [first.length, second.length, fourth.length, fifth.length];
    let one = ones.iter().sum::<usize>().div_ceil(4);
    let near = |length: usize, wanted: usize| length > 0 && length.abs_diff(wanted) * 4 <= one * 3;
    let fits = third.dark && near(third.length, 3 * one) && ones.iter().all(|length| near(*length, one));
    fits.then(|| (first.from, fifth.from + fifth.length))
}

/// How much of the three finder patterns and the timing patterns is where it has to be, of 100.
fn fit(symbol: &impl BitGrid) -> usize {
    let side = symbol.size();
    let (mut right, mut all) = (0, 0);
    let mut is = |x: usize, y: usize, dark: bool| {
        all += 1;
        right += usize::from(symbol.bit(y, x) == dark);
    };
    let far = side - FINDER;
    for y in 0..FINDER {
        for x in 0..FINDER {
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            for (left, top) in [(0, 0), (far, 0), (0, far)] {
                is(left + x, top + y, ring != 2);
            }
        }
    }
    for at in FINDER + 1..far - 1 {
        is(at, 6, at % 2 == 0);
        is(6, at, at % 2 == 0);
    }
    right * 100 / all
}

fn main() {}
