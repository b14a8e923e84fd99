//! Inputs without a look at what the code does with them: seeds, changed and mixed, always in the same order. Finds
//! little that libFuzzer would not find, but needs no compiler of its own and the same run is the same everywhere.

use crate::Target;

/// Pieces that parsers stumble over.
const WORDS: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    ".",
    "null",
    "true",
    "-1",
    "0",
    "1e309",
    "4294967296",
    "18446744073709551616",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "=",
    "A",
    "longkey1.",
    "longkey2.",
    "{}",
    "[]",
    "\"\"",
    " ",
];
/// Inputs that meant something and are changed further.
const KEPT: usize = 128;
/// Longer ones are cut: time is better spent on many.
const LONGEST: usize = 32 * 1024;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Inputs.
    pub runs: u64,
    /// Those that meant something.
    pub understood: u64,
}

/// Numbers for the same run everywhere: SplitMix64 (Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ it >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Runs the seeds, then `runs` inputs made from them.
///
/// # Panics
/// Where the target does: that is the finding.
#[must_use]
pub fn run(target: Target, seed: u64, runs: u64) -> Tally {
    let mut dice = Dice(seed);
    let mut corpus = (target.seeds)();
    let seeds = corpus.len();
    let mut tally = Tally { runs: 0, understood: 0 };
    for input in &corpus {
        tally.understood += u64::from((target.run)(input));
        tally.runs += 1;
    }
    for _ in 0..runs {
        let mut input = corpus[dice.below(corpus.len())].clone();
        for _ in 0..=dice.below(3) {
            change(&mut input, &corpus, &mut dice);
        }
        input.truncate(LONGEST);
        tally.runs += 1;
        if (target.run)(&input) {
            tally.understood += 1;
            if corpus.len() < seeds + KEPT {
                corpus.push(input);
            } else {
                corpus[seeds + dice.below(KEPT)] = input;
            }
        }
    }
    tally
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len());
    let to = (at + dice.below(16)).min(input.len());
    match dice.below(8) {
        0 | 1 if !input.is_empty() => input[at] ^= 1 << dice.below(8),
        2 if !input.is_empty() => input[at] = dice.next() as u8,
        3 => drop(input.drain(at..to)),
        4 => {
            let again = input[at..to].to_vec();
            input.splice(at..at, again);
        }
        5 => {
            let word = WORDS[dice.below(WORDS.len())];
            input.splice(at..to, word.bytes());
        }
        6 => drop(input.splice(at..at, WORDS[dice.below(WORDS.len())].bytes())),
        _ => {
            let other = &corpus[dice.below(corpus.len())];
            let from = dice.below(other.len());
            let piece = &other[from..(from + dice.below(200)).min(other.len())];
            drop(input.splice(at..to, piece.iter().copied()));
        }
    }
}
