//! Costs above the ceiling and other small words that ask for much: refused, and before the memory is had.
//!
//! Alone in its program, because its allocator counts: what one test holds must not be counted for another, so there
//! is one test. Memory is what decides: a cost that is named is never paid, nor anything of its size. Times depend on the
//! machine and are printed; `cargo xtask fuzz bombs` holds those of optimised code to 50 ms for a cost and 2 s for the rest.

#![cfg(not(target_arch = "wasm32"))]

use longkey_fuzz::bombs::{LIMIT, bombs, wake_with_foreign_items};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The system's allocator with a count of what is held and of the most that was held at once.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn more(size: usize) {
    let held = HELD.fetch_add(size, Relaxed) + size;
    MOST.fetch_max(held, Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came; counting touches no memory of theirs.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: the caller's own promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's own promise.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // While it moves, both are there.
        more(size);
        // SAFETY: the caller's own promise.
        let moved = unsafe { System.realloc(at, layout, size) };
        HELD.fetch_sub(layout.size(), Relaxed);
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is held at most, beside what was held before, and how long it took.
fn cost<T>(work: impl FnOnce() -> T) -> (T, usize, Duration) {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let begun = Instant::now();
    let done = work();
    (done, MOST.load(Relaxed) - before, begun.elapsed())
}

#[test]
fn bombs_are_refused_before_they_cost() {
    // The control: what is allocated is counted, also while it grows.
    let (bytes, most, _) = cost(|| vec![1_u8; 1 << 20]);
    assert!((1 << 20..1 << 21).contains(&most), "{most}");
    let (_, most, _) = cost(|| drop(bytes));
    assert_eq!(most, 0);

    // Without optimisation base64 alone would take seconds.
    let bombs = bombs(if cfg!(debug_assertions) { LIMIT / 32 } else { LIMIT / 2 });
    let mut costs = 0;
    for bomb in &bombs {
        let (refused, most, time) = cost(|| (bomb.refuses)(&bomb.text));
        println!("{:>9.3} ms  {:>9} B held of {:>8} B  {}", time.as_secs_f64() * 1e3, most, bomb.text.len(), bomb.name);
        assert!(refused, "not refused: {}", bomb.name);
        assert!(most <= bomb.most, "{most} bytes held, {} allowed: {}", bomb.most, bomb.name);
        if bomb.within < Duration::from_secs(1) {
            costs += 1;
            assert!(most < 64 * 1024, "{most} bytes held, whatever cost is named: {}", bomb.name);
        }
    }
    assert!(bombs.len() > 80 && costs == 63, "{} of {}", costs, bombs.len());
    for items in [10, 100] {
        let (_, most, time) = cost(|| wake_with_foreign_items(items));
        println!(
            "{:>9.3} ms  {most:>9} B held  waking up with {items} items that open for nobody",
            time.as_secs_f64() * 1e3
        );
        assert!(most < items * 8 * 1024, "{most}");
    }
}
