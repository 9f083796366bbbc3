//! Fuzzing as part of the ordinary tests: every regression seed, and a bounded number of mutations of them, the same
//! in every run.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

const MUTATIONS: usize = 20_000;
/// Values that lengths, counts and flags break at.
const EDGES: [i32; 12] = [
    i32::MIN,
    -1,
    0,
    1,
    4,
    5,
    15,
    16,
    127,
    2013,
    48_000_000,
    i32::MAX,
];

/// A xorshift generator: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Changes `data` in one place: a byte, a bit, a whole `int32`, a cut, a repetition, or a piece of another seed.
fn mutate(data: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    if data.is_empty() {
        data.push(random.below(256) as u8);
    }
    let at = random.below(data.len());
    match random.below(7) {
        0 => data[at] = random.below(256) as u8,
        1 => data[at] ^= 1 << random.below(8),
        2 if at + 4 <= data.len() => {
            let edge = EDGES[random.below(EDGES.len())];
            data[at..at + 4].copy_from_slice(&edge.to_le_bytes());
        }
        3 => data.truncate(at),
        4 => {
            let end = at + random.below(data.len() - at).min(64);
            data.extend_from_within(at..end);
        }
        5 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len());
            let piece = &other[from..other.len().min(from + 32)];
            data.splice(at..at, piece.iter().copied());
        }
        _ => data[at] = data[at].wrapping_add(1),
    }
}

fn run(name: &str, target: fn(&[u8])) {
    let seeds = seeds(name);
    assert!(!seeds.is_empty());
    for seed in &seeds {
        target(seed);
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..MUTATIONS {
        let mut data = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            mutate(&mut data, &seeds, &mut random);
        }
        target(&data);
    }
}

#[test]
fn frames() {
    run("frames", targets::frames);
}

#[test]
fn decompress() {
    run("decompress", targets::decompress);
}

#[test]
fn bson() {
    run("bson", targets::bson);
}
