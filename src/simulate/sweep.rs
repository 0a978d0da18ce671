//! Many cells, many replicates of each, on many threads, with one outcome.
//!
//! A replicate draws from a stream of its own, and statistics are taken in the order of the replicates. So what a sweep
//! gives depends on the seed, the cells and the stopping rule, not on threads, sharding, or interruptions.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use super::regression::{Regression, Replicate, Sampler, Workspace};
use super::statistics::Moments;
use super::{SimulateError, Stream};

/// One point of a sweep.
#[derive(Clone, Debug)]
pub struct Cell {
    pub regression: Regression,
    /// Expected contribution to the test error of each fit's noise, generations first, if control variates are wanted.
    pub noise_weights: Option<Vec<f64>>,
}

/// What is kept of a replicate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    pub test_error: f64,
    /// A variable of mean 0 that is correlated with the test error; 0 if no control variates are wanted.
    pub control: f64,
}

impl Record {
    /// The control is the cross term of bias and noise, whose expectation given the designs is zero, plus, for every fit, the
    /// chance excess of its noise's mean square times what the noise contributes in expectation (by the deterministic
    /// equivalent). Its coefficient is fixed beforehand, so the estimate stays unbiased.
    fn new(replicate: &Replicate, noise_weights: Option<&[f64]>) -> Self {
        let control = noise_weights.map_or(0.0, |weights| {
            let excess = replicate.noise_excess.iter().zip(weights);
            replicate.cross + excess.map(|(e, w)| e * w).sum::<f64>()
        });
        Self {
            test_error: replicate.test_error,
            control,
        }
    }
}

/// When to stop repeating a cell. Decided in the order of the replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppingRule {
    /// At least so many replicates; exactly so many without a target.
    pub replicates: u64,
    /// Stop once the standard error is at most this fraction of the mean.
    pub relative_standard_error: Option<f64>,
    /// At most so many, reached or not.
    pub max_replicates: u64,
}

impl StoppingRule {
    /// Exactly `replicates`.
    pub fn fixed(replicates: u64) -> Self {
        Self {
            replicates,
            relative_standard_error: None,
            max_replicates: replicates,
        }
    }

    /// The greatest number of replicates a cell can need.
    pub fn most(&self) -> u64 {
        match self.relative_standard_error {
            None => self.replicates,
            Some(_) => self.max_replicates.max(self.replicates),
        }
    }

    fn done(&self, moments: &Moments) -> bool {
        let count = moments.count();
        if count < self.replicates {
            return false;
        }
        match self.relative_standard_error {
            None => true,
            Some(target) => {
                count >= self.most()
                    || moments
                        .standard_error()
                        .is_some_and(|se| se <= target * moments.mean().abs())
            }
        }
    }
}

/// Part `index` of `count`, from 0: the cells whose number leaves the remainder `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// The whole.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// `None` unless `index < count`.
    pub fn new(index: usize, count: usize) -> Option<Self> {
        (index < count).then_some(Self { index, count })
    }

    pub fn contains(&self, cell: usize) -> bool {
        cell % self.count == self.index
    }
}

/// The statistics of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub replicates: u64,
    /// Mean of the test error, with its control variate taken off.
    pub mean: f64,
    /// `None` for a single replicate.
    pub standard_error: Option<f64>,
    /// Variance of the plain test error over that of the controlled one; `None` without controls, or where either is zero.
    pub variance_reduction: Option<f64>,
    /// The plain test errors in ascending order.
    pub sorted: Vec<f64>,
}

/// Told of everything that happens, by one thread at a time.
pub trait Observer: Send {
    /// A replicate has been drawn; in no particular order.
    fn record(&mut self, cell: usize, replicate: u64, record: &Record) -> io::Result<()>;

    /// A cell is complete; in the order of the cells.
    fn finished(&mut self, cell: usize, summary: Summary) -> io::Result<()>;
}

/// Why a sweep ended early.
#[derive(Debug, Error)]
pub enum SweepError {
    #[error("cell {cell}, replicate {replicate}: {source}")]
    Replicate {
        cell: usize,
        replicate: u64,
        source: SimulateError,
    },
    #[error("cannot write the results: {0}")]
    Output(#[from] io::Error),
}

/// A sweep: cells, how to draw them, when to stop.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    pub cells: &'a [Cell],
    pub sampler: Sampler,
    pub seed: u64,
    pub rule: StoppingRule,
    pub shard: Shard,
    /// `None` for as many as the machine has.
    pub threads: Option<NonZeroUsize>,
}

/// Replicates drawn before, by cell and number.
pub type Known = HashMap<(usize, u64), Record>;

impl Sweep<'_> {
    /// Draws what is not known yet and tells the observer; `known` replicates are not recorded again.
    pub fn run(&self, known: Known, observer: &mut dyn Observer) -> Result<(), SweepError> {
        let threads = self
            .threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get);
        let speculation = match self.rule.relative_standard_error {
            // Work ahead of the decision may be for nothing.
            Some(_) => 2 * threads,
            None => 64 * threads,
        };
        let order: Vec<usize> = (0..self.cells.len())
            .filter(|&cell| self.shard.contains(cell))
            .collect();
        let queue = Queue {
            state: Mutex::new(State {
                rule: self.rule,
                next: (0, 0),
                front: (0, 0),
                order,
                known,
                waiting: BTreeMap::new(),
                outstanding: 0,
                tally: Tally::default(),
                controlled: self.cells.iter().any(|cell| cell.noise_weights.is_some()),
                observer,
                failure: None,
                abandoned: false,
            }),
            moved: Condvar::new(),
            speculation,
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work(&queue));
            }
            self.work(&queue);
        });
        match queue
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .failure
        {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    fn work(&self, queue: &Queue) {
        let _sentinel = Sentinel(queue);
        let order: Vec<usize> = queue.lock().order.clone();
        let mut workspace = Workspace::default();
        while let Some((place, replicate)) = queue.take() {
            let cell = order[place];
            let mut stream = Stream::new(self.seed, cell as u64, replicate);
            let Cell {
                regression,
                noise_weights,
            } = &self.cells[cell];
            let drawn = regression
                .replicate(self.sampler, &mut stream, &mut workspace)
                .map(|drawn| Record::new(&drawn, noise_weights.as_deref()));
            queue.put((place, replicate), drawn);
        }
    }
}

struct Queue<'a> {
    state: Mutex<State<'a>>,
    /// The front has moved, or the end has come.
    moved: Condvar,
    /// How many replicates may be handed out beyond the front.
    speculation: usize,
}

/// A replicate: the place of its cell in the shard, and its number.
type Position = (usize, u64);

struct State<'a> {
    rule: StoppingRule,
    /// The cells of the shard.
    order: Vec<usize>,
    /// To be handed out next.
    next: Position,
    /// To be counted next.
    front: Position,
    known: Known,
    /// Drawn, but something before it is not.
    waiting: BTreeMap<Position, Result<Record, SimulateError>>,
    /// Handed out and not yet counted.
    outstanding: usize,
    tally: Tally,
    controlled: bool,
    observer: &'a mut dyn Observer,
    failure: Option<SweepError>,
    abandoned: bool,
}

#[derive(Default)]
struct Tally {
    plain: Moments,
    controlled: Moments,
    values: Vec<f64>,
}

impl<'a> Queue<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next replicate to draw; waits while too much has been handed out, `None` at the end.
    fn take(&self) -> Option<Position> {
        let mut state = self.lock();
        loop {
            if state.failure.is_some() || state.abandoned {
                return None;
            }
            state.next = state.next.max(state.front);
            let (place, replicate) = state.next;
            if place == state.order.len() {
                return None;
            }
            if replicate >= state.rule.most() {
                state.next = (place + 1, 0);
                continue;
            }
            // What lies at the front is in another thread's hands, or it would have been counted: someone will notify.
            if state.outstanding >= self.speculation {
                state = self
                    .moved
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.next.1 += 1;
            state.outstanding += 1;
            let key = (state.order[place], replicate);
            match state.known.remove(&key) {
                Some(record) => {
                    state.waiting.insert((place, replicate), Ok(record));
                    state.advance();
                    self.moved.notify_all();
                }
                None => return Some((place, replicate)),
            }
        }
    }

    fn put(&self, position: Position, drawn: Result<Record, SimulateError>) {
        let mut state = self.lock();
        if position < state.front {
            // The cell was decided without it.
            state.outstanding -= 1;
        } else {
            if let Ok(record) = &drawn {
                let cell = state.order[position.0];
                if let Err(error) = state.observer.record(cell, position.1, record) {
                    state.failure.get_or_insert(error.into());
                }
            }
            state.waiting.insert(position, drawn);
            state.advance();
        }
        self.moved.notify_all();
    }
}

impl State<'_> {
    /// Counts what can be counted, in order.
    fn advance(&mut self) {
        while self.failure.is_none()
            && let Some(drawn) = self.waiting.remove(&self.front)
        {
            self.outstanding -= 1;
            let cell = self.order[self.front.0];
            let record = match drawn {
                Ok(record) => record,
                Err(source) => {
                    let replicate = self.front.1;
                    self.failure = Some(SweepError::Replicate {
                        cell,
                        replicate,
                        source,
                    });
                    return;
                }
            };
            self.tally.plain.push(record.test_error);
            self.tally
                .controlled
                .push(record.test_error - record.control);
            self.tally.values.push(record.test_error);
            self.front.1 += 1;
            if self.rule.done(&self.tally.controlled) {
                let summary = std::mem::take(&mut self.tally).summary(self.controlled);
                if let Err(error) = self.observer.finished(cell, summary) {
                    self.failure = Some(error.into());
                }
                self.front = (self.front.0 + 1, 0);
                let later = self.waiting.split_off(&self.front);
                self.outstanding -= self.waiting.len();
                self.waiting = later;
            }
        }
    }
}

impl Tally {
    fn summary(mut self, controlled: bool) -> Summary {
        self.values.sort_by(f64::total_cmp);
        let reduction = || {
            let (plain, left) = (self.plain.variance()?, self.controlled.variance()?);
            (plain > 0.0 && left > 0.0).then(|| plain / left)
        };
        Summary {
            replicates: self.plain.count(),
            mean: self.controlled.mean(),
            standard_error: self.controlled.standard_error(),
            variance_reduction: if controlled { reduction() } else { None },
            sorted: self.values,
        }
    }
}

/// Wakes the others if its thread panics, so that the panic is seen and not waited for.
struct Sentinel<'q, 'a>(&'q Queue<'a>);

impl Drop for Sentinel<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().abandoned = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests;
