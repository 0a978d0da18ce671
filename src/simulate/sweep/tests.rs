use super::*;
use crate::simulate::{Designs, Fit};

fn cells(controls: bool) -> Vec<Cell> {
    (0..7)
        .map(|i| {
            let d = 3 + i;
            let regression = Regression::new(
                vec![1.0; d],
                vec![0.5; d],
                vec![
                    Fit {
                        samples: 4 + i as u64 % 3,
                        noise: 0.2,
                        ridge: 0.1
                    };
                    i % 3
                ],
                Designs::Independent,
                Fit {
                    samples: 12,
                    noise: 0.5,
                    ridge: 0.3,
                },
            )
            .unwrap();
            Cell {
                regression,
                noise_weights: controls.then(|| vec![0.05; i % 3 + 1]),
            }
        })
        .collect()
}

#[derive(Default)]
struct Log {
    records: Vec<(usize, u64, Record)>,
    summaries: Vec<(usize, Summary)>,
    fail_after: Option<usize>,
}

impl Observer for Log {
    fn record(&mut self, cell: usize, replicate: u64, record: &Record) -> io::Result<()> {
        if self.fail_after == Some(self.records.len()) {
            return Err(io::Error::other("disk full"));
        }
        self.records.push((cell, replicate, *record));
        Ok(())
    }

    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()> {
        self.summaries.push((cell, summary));
        Ok(())
    }
}

fn run(cells: &[Cell], rule: StoppingRule, shard: Shard, threads: usize, known: Known) -> Log {
    let mut log = Log::default();
    let sweep = Sweep {
        cells,
        sampler: Sampler::Bartlett,
        seed: 11,
        rule,
        shard,
        threads: NonZeroUsize::new(threads),
    };
    sweep.run(known, &mut log).unwrap();
    log
}

const ADAPTIVE: StoppingRule = StoppingRule {
    replicates: 5,
    relative_standard_error: Some(0.05),
    max_replicates: 300,
};

#[test]
fn threads_do_not_matter() {
    let cells = cells(true);
    for rule in [StoppingRule::fixed(40), ADAPTIVE] {
        let one = run(&cells, rule, Shard::WHOLE, 1, Known::new());
        assert_eq!(one.summaries.len(), 7);
        for threads in [2, 3, 8] {
            let many = run(&cells, rule, Shard::WHOLE, threads, Known::new());
            assert_eq!(one.summaries, many.summaries);
        }
    }
}

#[test]
fn shards_make_the_whole() {
    let cells = cells(false);
    let whole = run(&cells, ADAPTIVE, Shard::WHOLE, 2, Known::new()).summaries;
    let mut parts: Vec<_> = (0..3)
        .flat_map(|i| run(&cells, ADAPTIVE, Shard::new(i, 3).unwrap(), 2, Known::new()).summaries)
        .collect();
    parts.sort_by_key(|(cell, _)| *cell);
    assert_eq!(whole, parts);
    assert!(Shard::new(3, 3).is_none());
}

/// Whatever was known before, nothing is drawn twice and the outcome is the same.
#[test]
fn known_replicates_are_not_drawn_again() {
    let cells = cells(true);
    for rule in [StoppingRule::fixed(40), ADAPTIVE] {
        let whole = run(&cells, rule, Shard::WHOLE, 1, Known::new());
        for keep in [2, 3, 7] {
            let known: Known = whole
                .records
                .iter()
                .enumerate()
                .filter(|(i, _)| i % keep != 0)
                .map(|(_, (cell, replicate, record))| ((*cell, *replicate), *record))
                .collect();
            let resumed = run(&cells, rule, Shard::WHOLE, 3, known.clone());
            assert_eq!(resumed.summaries, whole.summaries);
            assert!(
                resumed
                    .records
                    .iter()
                    .all(|(cell, i, _)| !known.contains_key(&(*cell, *i)))
            );
        }
    }
}

#[test]
fn adaptive_sweeps_stop_as_soon_as_they_may() {
    let cells = cells(false);
    for (cell, summary) in run(&cells, ADAPTIVE, Shard::WHOLE, 2, Known::new()).summaries {
        assert!(summary.replicates >= 5);
        let reached = |count: usize, log: &Log| {
            let mut moments = Moments::default();
            for i in 0..count as u64 {
                let (_, _, record) = log
                    .records
                    .iter()
                    .find(|(c, r, _)| *c == cell && *r == i)
                    .unwrap();
                moments.push(record.test_error);
            }
            moments.standard_error().unwrap() <= 0.05 * moments.mean()
        };
        let all = run(
            &cells,
            StoppingRule::fixed(300),
            Shard::WHOLE,
            1,
            Known::new(),
        );
        let count = summary.replicates as usize;
        assert!(reached(count, &all) || count == 300);
        assert!(count == 5 || !reached(count - 1, &all));
    }
}

#[test]
fn an_output_error_ends_the_sweep() {
    let cells = cells(false);
    let mut log = Log {
        fail_after: Some(17),
        ..Log::default()
    };
    let sweep = Sweep {
        cells: &cells,
        sampler: Sampler::Bartlett,
        seed: 0,
        rule: StoppingRule::fixed(40),
        shard: Shard::WHOLE,
        threads: NonZeroUsize::new(3),
    };
    assert!(matches!(
        sweep.run(Known::new(), &mut log),
        Err(SweepError::Output(_))
    ));
}

/// The control has mean zero and takes variance off.
#[test]
fn controls_are_unbiased() {
    let cells = cells(true);
    let log = run(
        &cells,
        StoppingRule::fixed(4000),
        Shard::WHOLE,
        2,
        Known::new(),
    );
    for (cell, summary) in &log.summaries {
        let mut control = Moments::default();
        for (_, _, record) in log.records.iter().filter(|(c, _, _)| c == cell) {
            control.push(record.control);
        }
        assert!(control.mean().abs() < 4.5 * control.standard_error().unwrap());
        assert!(summary.variance_reduction.unwrap() > 1.0);
    }
}
