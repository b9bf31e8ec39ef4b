//! Replays the committed fuzz corpus and some thousand mutations of it through every reader: none panics, none takes
//! more memory than its input is worth.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fenghuotai_media::fuzzing::{PARSERS, Parser};

/// Mutations of each input.
const MUTATIONS: u64 = 400;
/// What a reader may take beside a multiple of its input: the largest is a hello that says it is 16 KiB long.
const MEMORY_BASE: usize = 128 * 1024;
const MEMORY_PER_BYTE: usize = 256;

/// Counts what a thread has in use.
struct Counting;

thread_local! {
    static IN_USE: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.get().wrapping_add(layout.size());
        IN_USE.set(in_use);
        MOST.set(MOST.get().max(in_use));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.set(IN_USE.get().wrapping_sub(layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(corpus().join(name))
        .unwrap_or_else(|error| panic!("there is no corpus of {name}: {error}"))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("a readable file");
    paths.iter().map(read).collect()
}

/// A seeded source of chance.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    /// A few changes of the kinds that readers fall over: flipped bits, values at their limits, cuts, repeats.
    fn mutate(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        const LIMITS: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b' ', b'='];
        let mut bytes = input.to_vec();
        for _ in 0..=self.next(4) {
            let at = self.next(bytes.len());
            match self.next(6) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.next(8),
                1 if !bytes.is_empty() => bytes[at] = LIMITS[self.next(LIMITS.len())],
                2 => bytes.truncate(at),
                3 => {
                    let from = self.next(other.len());
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
                4 => {
                    let piece: Vec<u8> = bytes[at..].iter().take(64).copied().collect();
                    bytes.splice(at..at, piece);
                }
                _ => bytes.insert(at, self.next(256) as u8),
            }
        }
        bytes
    }
}

fn read(name: &str, parser: Parser, input: &[u8]) {
    MOST.set(IN_USE.get());
    let before = IN_USE.get();
    parser(input);
    let taken = MOST.get() - before;
    assert!(
        taken <= MEMORY_BASE + MEMORY_PER_BYTE * input.len(),
        "{name} took {taken} bytes for an input of {}: {input:02x?}",
        input.len()
    );
}

#[test]
fn no_reader_falls_over_the_corpus_or_what_is_near_it() {
    for (name, parser) in PARSERS {
        let inputs = inputs(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        let mut chance = Chance(name.len() as u64);
        read(name, parser, &[]);
        for (at, input) in inputs.iter().enumerate() {
            read(name, parser, input);
            let other = &inputs[(at + 1) % inputs.len()];
            for _ in 0..MUTATIONS {
                read(name, parser, &chance.mutate(input, other));
            }
        }
    }
}

#[test]
fn every_reader_has_its_fuzz_target_and_every_target_its_reader() {
    let targets = corpus().join("../fuzz_targets");
    let targets: BTreeSet<String> = fs::read_dir(targets)
        .expect("the targets are there")
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    let readers: BTreeSet<String> = PARSERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, readers);
}
