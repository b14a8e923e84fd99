//! The qr module's reading, natively: what X draws and what people hold into a camera, and what only looks like it.

#![cfg(not(target_arch = "wasm32"))]

// The very source of the module; its exports are plain functions here.
#[path = "../../extension/src/bin/qr.rs"]
#[allow(dead_code, unreachable_pub, clippy::pedantic)]
mod module;

use module::{draw, from_bits, from_rgba};
use proptest::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};
use std::time::{Duration, Instant};

const ADDRESS: &str = "otpauth://totp/Twitter:@standin_user?secret=JBSWY3DPEHPK3PXP&issuer=Twitter";

fn symbol(text: &str) -> QrCode {
    QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits")
}

/// A picture in luma, painted by a function of x and y.
struct Paper {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Paper {
    fn new(width: usize, height: usize, light: u8) -> Self {
        Self { width, height, luma: vec![light; width * height] }
    }

    /// Draws a symbol at a place, so many pixels a module.
    fn draw(&mut self, code: &QrCode, left: usize, top: usize, scale: f64, dark: u8) {
        for y in top..self.height {
            for x in left..self.width {
                // As a browser scales without smoothing: what lies under the middle of the pixel.
                let module = |at: usize, from: usize| (((at - from) as f64 + 0.5) / scale) as i32;
                if code.get_module(module(x, left), module(y, top)) {
                    self.luma[y * self.width + x] = dark;
                }
            }
        }
    }

    fn of(code: &QrCode, scale: usize, quiet: usize) -> Self {
        let side = usize::try_from(code.size()).expect("small") * scale + 2 * quiet * scale;
        let mut paper = Self::new(side, side, 255);
        paper.draw(code, quiet * scale, quiet * scale, scale as f64, 0);
        paper
    }

    fn inverted(mut self) -> Self {
        self.luma.iter_mut().for_each(|it| *it = 255 - *it);
        self
    }

    fn turned(&self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let middle = |length: usize| length as f64 / 2.0;
        let side = (self.width as f64 * 1.5) as usize;
        let mut paper = Self::new(side, side, 255);
        for y in 0..side {
            for x in 0..side {
                let (dx, dy) = (x as f64 - middle(side), y as f64 - middle(side));
                let (fx, fy) = (dx * cos + dy * sin + middle(self.width), dy * cos - dx * sin + middle(self.height));
                if fx >= 0.0 && fy >= 0.0 && (fx as usize) < self.width && (fy as usize) < self.height {
                    paper.luma[y * side + x] = self.luma[fy as usize * self.width + fx as usize];
                }
            }
        }
        paper
    }

    fn bits(&self) -> Vec<u8> {
        let mut bits = vec![0; (self.width * self.height).div_ceil(8)];
        for (at, _) in self.luma.iter().enumerate().filter(|(_, pixel)| **pixel < 128) {
            bits[at / 8] |= 0x80 >> (at % 8);
        }
        bits
    }

    fn read_bits(&self) -> Vec<String> {
        from_bits(&self.bits(), self.width, self.height)
    }

    fn read_rgba(&self) -> Vec<String> {
        let pixels: Vec<u8> = self.luma.iter().flat_map(|it| [*it, *it, *it, 255]).collect();
        from_rgba(&pixels, self.width, self.height)
    }

    fn says(&self, text: &str) {
        assert_eq!(self.read_bits(), [text], "bits of {} × {}", self.width, self.height);
        assert_eq!(self.read_rgba(), [text], "pixels of {} × {}", self.width, self.height);
    }
}

#[test]
fn from_one_pixel_a_module_with_and_without_a_quiet_zone() {
    let code = symbol(ADDRESS);
    for scale in 1..=12 {
        for quiet in [0, 1, 4] {
            Paper::of(&code, scale, quiet).says(ADDRESS);
        }
    }
}

#[test]
fn light_on_dark() {
    let code = symbol(ADDRESS);
    for scale in [1, 2, 5] {
        for quiet in [0, 4] {
            Paper::of(&code, scale, quiet).inverted().says(ADDRESS);
        }
    }
}

#[test]
fn as_x_draws_it() {
    // node-qrcode: 235 pixels, whole pixels a module, the rest of the side light.
    let mut paper = Paper::new(235, 235, 255);
    paper.draw(&symbol(ADDRESS), 25, 25, 5.0, 0);
    paper.says(ADDRESS);
    // Scaled by the page to a side that is no multiple.
    for side in [60, 97, 181, 300, 511] {
        let code = symbol(ADDRESS);
        let scale = side as f64 / f64::from(code.size());
        let mut paper = Paper::new(side + 20, side + 31, 255);
        paper.draw(&code, 7, 12, scale, 0);
        paper.says(ADDRESS);
    }
}

#[test]
fn every_version() {
    let mut text = String::new();
    for version in 1..=40 {
        while QrCode::encode_text(&text, QrCodeEcc::Low).expect("it fits").version().value() < version {
            text.push_str("abcdefgh");
        }
        let code = QrCode::encode_text(&text, QrCodeEcc::Low).expect("it fits");
        assert_eq!(code.version().value(), version);
        Paper::of(&code, 2, 4).says(&text);
    }
}

#[test]
fn grey_transparent_turned_and_among_other_things() {
    let code = symbol(ADDRESS);
    let mut grey = Paper::new(300, 300, 200);
    grey.draw(&code, 30, 30, 6.0, 110);
    assert_eq!(grey.read_rgba(), [ADDRESS]);
    let transparent: Vec<u8> = Paper::of(&code, 4, 4)
        .luma
        .iter()
        .flat_map(|it| if *it == 0 { [0, 0, 0, 255] } else { [0, 0, 0, 0] })
        .collect();
    let side = (usize::try_from(code.size()).expect("small") + 8) * 4;
    assert_eq!(from_rgba(&transparent, side, side), [ADDRESS]);
    for degrees in [3.0, 90.0, 17.0, 200.0] {
        assert_eq!(Paper::of(&code, 6, 4).turned(degrees).read_rgba(), [ADDRESS], "{degrees}");
    }
    // A page with lines of text, a frame, and the code somewhere.
    let mut page = Paper::new(1200, 800, 255);
    for (at, pixel) in page.luma.iter_mut().enumerate() {
        let (x, y) = (at % 1200, at / 1200);
        let line = y % 20 < 9 && x > 500 && (x * 7 + y * 3) % 11 < 4;
        if line || x < 3 || (y == 50 && x > 20) {
            *pixel = 0;
        }
    }
    page.draw(&code, 100, 300, 4.0, 0);
    assert_eq!(page.read_rgba(), [ADDRESS]);
}

#[test]
fn several_codes_in_one_picture() {
    let other = ADDRESS.replace("JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ");
    let mut paper = Paper::new(500, 260, 255);
    paper.draw(&symbol(ADDRESS), 30, 30, 4.0, 0);
    paper.draw(&symbol(&other), 300, 60, 4.0, 0);
    for mut found in [paper.read_bits(), paper.read_rgba()] {
        found.sort();
        assert_eq!(found, [other.clone(), ADDRESS.into()]);
    }
}

#[test]
fn damage_is_corrected_or_refused_and_never_another_text() {
    let code = QrCode::encode_text(ADDRESS, QrCodeEcc::Medium).expect("it fits");
    let whole = Paper::of(&code, 1, 0);
    let mut refused = 0;
    for seed in 0..300_u32 {
        let mut paper = Paper { luma: whole.luma.clone(), ..whole };
        let mut random = seed.wrapping_mul(2_654_435_761) | 1;
        for _ in 0..seed / 3 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = random as usize % paper.luma.len();
            paper.luma[at] = 255 - paper.luma[at];
        }
        match paper.read_bits().as_slice() {
            [] => refused += 1,
            [text] => assert_eq!(text, ADDRESS, "{seed}"),
            several => panic!("{} texts", several.len()),
        }
    }
    assert!((1..290).contains(&refused), "{refused} refused");
}

#[test]
fn claims_that_do_not_fit_are_nothing() {
    for (bytes, width, height) in [(0, 0, 0), (1, 0, 9), (8, 9, 9), (8, usize::MAX, 2), (8, usize::MAX, usize::MAX)] {
        assert!(from_bits(&vec![0xff; bytes], width, height).is_empty());
        assert!(from_rgba(&vec![0xff; bytes], width, height).is_empty());
    }
}

/// What a hostile page may paint: no answer, and no long time.
#[test]
fn noise_and_thousands_of_finder_patterns_end_soon() {
    let side = 1024;
    let paint = |does: &dyn Fn(usize, usize) -> bool| {
        let mut paper = Paper::new(side, side, 255);
        for (at, pixel) in paper.luma.iter_mut().enumerate() {
            if does(at % side, at / side) {
                *pixel = 0;
            }
        }
        paper
    };
    let finder = |x: usize, y: usize, each: usize, scale: usize| {
        let (x, y) = (x % (each * scale) / scale, y % (each * scale) / scale);
        x < 7 && y < 7 && x.abs_diff(3).max(y.abs_diff(3)) != 2
    };
    let noise = |x: usize, y: usize| {
        let mut it = (x * 73_856_093) ^ (y * 19_349_663);
        it ^= it >> 13;
        it.wrapping_mul(0x5bd1_e995) >> 15 & 1 == 1
    };
    let hostile: [(&str, Paper); 8] = [
        ("light", paint(&|_, _| false)),
        ("dark", paint(&|_, _| true)),
        ("noise", paint(&noise)),
        ("coarse noise", paint(&|x, y| noise(x / 4, y / 4))),
        ("chequered", paint(&|x, y| (x + y) % 2 == 0)),
        ("stripes", paint(&|x, _| x % 7 < 3)),
        ("finders", paint(&|x, y| finder(x, y, 8, 1))),
        ("large finders", paint(&|x, y| finder(x, y, 9, 12))),
    ];
    for (what, paper) in hostile {
        let begun = Instant::now();
        assert!(paper.read_bits().is_empty(), "{what}");
        let took = begun.elapsed();
        println!("{what}: {took:?}");
        // Some hundred milliseconds with optimisation; tests run without.
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_keys_round_trip(key in "[A-Z2-7]{16}|[A-Z2-7]{26}|[A-Z2-7]{32}", handle in "[A-Za-z0-9_]{1,15}", scale in 1_usize..6, quiet in 0_usize..5, dark: bool) {
        let text = format!("otpauth://totp/Twitter:@{handle}?secret={key}&issuer=Twitter");
        let paper = Paper::of(&symbol(&text), scale, quiet);
        let paper = if dark { paper.inverted() } else { paper };
        prop_assert_eq!(paper.read_bits(), vec![text]);
    }

    #[test]
    fn whatever_the_bits_are_there_is_an_answer(bits in proptest::collection::vec(any::<u8>(), 56..400), width in 21_usize..60) {
        let height = bits.len() * 8 / width;
        prop_assert!(from_bits(&bits, width, height).len() < 5);
    }
}

/// What a path of [`draw`] shows, one pixel a module: `M x y h n v1 h-n z`, run after run.
fn painted(drawn: &str) -> (usize, Vec<u8>) {
    let (side, path) = drawn.split_once(' ').expect("a side and a path");
    let side: usize = side.parse().expect("a number");
    let mut bits = vec![0; (side * side).div_ceil(8)];
    for run in path.split_terminator('z') {
        let run = run.strip_prefix('M').expect("a run");
        let (x, rest) = run.split_once(' ').expect("a place");
        let (y, rest) = rest.split_once('h').expect("a length");
        let (length, back) = rest.split_once("v1h-").expect("one high");
        assert_eq!(length, back);
        let [x, y, length] = [x, y, length].map(|it| it.parse::<usize>().expect("a number"));
        assert!((4..side - 4).contains(&y) && x >= 4 && x + length <= side - 4, "in the quiet zone");
        for at in (0..length).map(|it| y * side + x + it) {
            assert_eq!(bits[at / 8] >> (7 - at % 8) & 1, 0, "twice");
            bits[at / 8] |= 1 << (7 - at % 8);
        }
    }
    (side, bits)
}

proptest! {
    #[test]
    fn what_is_drawn_is_read(text in "[ -~]{1,300}") {
        let (side, bits) = painted(&draw(&text));
        prop_assert_eq!(from_bits(&bits, side, side), [text]);
    }
}

#[test]
fn a_text_that_is_too_long_is_no_code() {
    assert_eq!(draw(&"a".repeat(3000)), "");
}
