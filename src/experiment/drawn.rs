//! Simulations of experiments of formulas: cells on many threads, replicates that may be known before.
//!
//! Every quantity of every cell is a unit of its own, with a stream for each of its replicates: what is drawn depends on the
//! seed, the file and the unit alone, neither on threads nor on interruptions.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::definition::Simulate;
use super::replicates::{Draws, Failure, Simulated};
use super::written::{Written, WrittenPoint, WrittenQuantity};
use crate::simulate::Shard;
use crate::term::evaluate::EvaluationError;

/// What each quantity of a cell came to: `None` where nothing random occurs, or why there is no number.
pub type Outcome = Vec<Result<Option<Simulated>, String>>;

/// Replicates drawn before, by unit and number.
pub type KnownDraws = HashMap<(usize, u64), Vec<f64>>;

/// Told of what happens, by one thread at a time.
pub trait DrawObserver: Send {
    /// A replicate of a unit was drawn.
    fn drawn(&mut self, unit: usize, replicate: u64, values: &[f64]) -> io::Result<()>;

    /// A cell is complete; in the order of the cells. Its units took so many replicates.
    fn finished(&mut self, cell: usize, outcome: Outcome, replicates: &[u64]) -> io::Result<()>;
}

impl Written {
    /// Simulates the points of a shard and tells the observer; `known` replicates are not drawn again.
    ///
    /// # Errors
    /// Where the observer cannot write, or there are no such threads.
    pub fn sweep(
        &self,
        points: &[WrittenPoint],
        shard: Shard,
        threads: Option<NonZeroUsize>,
        known: &KnownDraws,
        observer: &mut dyn DrawObserver,
    ) -> io::Result<()> {
        let cells: Vec<usize> = (0..points.len()).filter(|&c| shard.contains(c)).collect();
        let told = Mutex::new(Told {
            observer,
            waiting: BTreeMap::new(),
            next: 0,
            order: &cells,
        });
        let run = || {
            cells.par_iter().try_for_each(|&cell| {
                let (outcome, taken) = self.cell(&points[cell], cell, known, &told)?;
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                told.waiting.insert(cell, (outcome, taken));
                told.finish()
            })
        };
        match threads {
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(threads.get())
                .build()
                .map_err(io::Error::other)?
                .install(run),
            None => run(),
        }
    }

    fn cell(
        &self,
        point: &WrittenPoint,
        cell: usize,
        known: &KnownDraws,
        told: &Mutex<Told<'_>>,
    ) -> io::Result<(Outcome, Vec<u64>)> {
        let (mut outcome, mut taken) = (Vec::new(), Vec::new());
        for (i, quantity) in self.quantities.iter().enumerate() {
            let unit = cell * self.quantities.len() + i;
            let mut draws = Draws {
                known: &|replicate| known.get(&(unit, replicate)).map(Vec::as_slice),
                record: &mut |replicate, values| {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    told.observer.drawn(unit, replicate, values)
                },
                taken: 0,
            };
            let found = quantity.drawn(point, &self.simulate, cell, &mut draws);
            taken.push(draws.taken);
            outcome.push(match found {
                Ok(found) => Ok(found),
                Err(Failure::Evaluation(error)) => Err(error.to_string()),
                Err(Failure::Output(error)) => return Err(error),
            });
        }
        Ok((outcome, taken))
    }
}

/// The observer, and cells that are complete before their turn.
struct Told<'o> {
    observer: &'o mut dyn DrawObserver,
    waiting: BTreeMap<usize, (Outcome, Vec<u64>)>,
    next: usize,
    order: &'o [usize],
}

impl Told<'_> {
    fn finish(&mut self) -> io::Result<()> {
        while let Some(cell) = self.order.get(self.next)
            && let Some((outcome, taken)) = self.waiting.remove(cell)
        {
            self.observer.finished(*cell, outcome, &taken)?;
            self.next += 1;
        }
        Ok(())
    }
}

impl WrittenQuantity {
    /// Its value, every `E[…]` by a mean over draws; `None` where nothing random occurs.
    ///
    /// # Errors
    /// Where it cannot be drawn, or has no value.
    pub fn simulate(
        &self,
        point: &WrittenPoint,
        settings: &Simulate,
        cell: usize,
    ) -> Result<Option<Simulated>, EvaluationError> {
        let mut draws = Draws {
            known: &|_| None,
            record: &mut |_, _| Ok(()),
            taken: 0,
        };
        match self.drawn(point, settings, cell, &mut draws) {
            Ok(found) => Ok(found),
            Err(Failure::Evaluation(error)) => Err(error),
            Err(Failure::Output(error)) => Err(EvaluationError::undefined(error.to_string())),
        }
    }
}
