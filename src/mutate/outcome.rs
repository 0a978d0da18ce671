//! Scores, and the holes that are left.

use std::collections::HashSet;

use serde::Serialize;

use super::fate::{Fate, Slip};
use crate::decide::verdict::Verdict;

/// What became of the neighbours of all claims.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Refuted ones as a share of those that are not implied by their claim; 1 where there are none.
    pub score: f64,
    pub mutants: usize,
    pub refuted: usize,
    pub equivalent: usize,
    /// Of the equivalent ones, those decided exactly or by enclosure; the others by evaluation at many points.
    pub equivalent_proved: usize,
    /// Neighbours without a meaning, or without a point to be tested at. Not counted as mutants.
    pub invalid: usize,
    /// Claims left out: not expected to hold, or not holding.
    pub left_out: usize,
    pub survivors: Vec<Survivor>,
    /// Slips that a file explains and that do not survive, or are none.
    pub unfounded: Vec<Unfounded>,
    pub claims: Vec<Score>,
}

impl Outcome {
    /// Holes that no file explains.
    pub fn unexplained(&self) -> usize {
        let open = |survivor: &&Survivor| survivor.explained.is_none();
        self.survivors.iter().filter(open).count()
    }
}

/// An explanation of a survivor that is none.
#[derive(Clone, Debug, Serialize)]
pub struct Unfounded {
    pub id: String,
    pub edit: String,
    pub file: String,
    pub line: usize,
    pub column: usize,
}

/// The same for one claim.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    pub id: String,
    pub file: String,
    pub line: usize,
    pub score: f64,
    pub mutants: usize,
    pub refuted: usize,
    pub equivalent: usize,
}

/// A hole: a slip that the check does not notice.
#[derive(Clone, Debug, Serialize)]
pub struct Survivor {
    pub id: String,
    pub says: String,
    pub mutant: String,
    pub edit: String,
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub verdict: Verdict,
    pub why: String,
    /// Why this is no hole, as the file says beside the claim.
    pub explained: Option<String>,
}

fn share(refuted: usize, mutants: usize, equivalent: usize) -> f64 {
    match mutants - equivalent {
        0 => 1.0,
        counted => refuted as f64 / counted as f64,
    }
}

/// The sums, claim by claim.
pub(super) fn summarise(slips: &[Slip<'_>], fates: Vec<Fate>, left_out: usize) -> Outcome {
    let mut outcome = Outcome {
        score: 1.0,
        mutants: 0,
        refuted: 0,
        equivalent: 0,
        equivalent_proved: 0,
        invalid: 0,
        left_out,
        survivors: Vec::new(),
        unfounded: Vec::new(),
        claims: Vec::new(),
    };
    for (slip, fate) in slips.iter().zip(fates) {
        outcome.count(slip, fate);
    }
    outcome.look_for_unfounded(slips);
    for score in &mut outcome.claims {
        score.score = share(score.refuted, score.mutants, score.equivalent);
        outcome.mutants += score.mutants;
        outcome.refuted += score.refuted;
        outcome.equivalent += score.equivalent;
    }
    outcome.score = share(outcome.refuted, outcome.mutants, outcome.equivalent);
    outcome
}

impl Outcome {
    fn count(&mut self, slip: &Slip<'_>, fate: Fate) {
        let mutant = &slip.mutants[0];
        let claim = mutant.claim;
        let file = claim.file.display().to_string();
        if matches!(fate, Fate::Invalid) {
            self.invalid += 1;
            return;
        }
        let score = self.score_of(&slip.id, &file, claim.line);
        score.mutants += 1;
        match fate {
            Fate::Refuted => score.refuted += 1,
            Fate::Equivalent { proved } => {
                score.equivalent += 1;
                self.equivalent_proved += usize::from(proved);
            }
            Fate::Invalid => {}
            Fate::Survives(verdict, why) => {
                let (line, column) = claim.text.position(mutant.place.start);
                let known = claim
                    .survivors
                    .iter()
                    .find(|known| known.edit == mutant.edit);
                self.survivors.push(Survivor {
                    id: slip.id.clone(),
                    says: claim.says_text.clone(),
                    mutant: mutant.mutated.says.to_string(),
                    edit: mutant.edit.clone(),
                    file,
                    line,
                    column,
                    verdict,
                    why,
                    explained: known.map(|known| known.why.clone()),
                });
            }
        }
    }

    fn score_of(&mut self, id: &str, file: &str, line: usize) -> &mut Score {
        let known = (self.claims.iter()).rposition(|score| score.id == id && score.file == file);
        let at = known.unwrap_or_else(|| {
            self.claims.push(Score {
                id: id.to_owned(),
                file: file.to_owned(),
                line,
                score: 1.0,
                mutants: 0,
                refuted: 0,
                equivalent: 0,
            });
            self.claims.len() - 1
        });
        &mut self.claims[at]
    }

    /// What is explained, of claims that were looked at, but did not survive.
    fn look_for_unfounded(&mut self, slips: &[Slip<'_>]) {
        let mut told = HashSet::new();
        let claims = (slips.iter().flat_map(|slip| &slip.mutants)).map(|mutant| mutant.claim);
        for (claim, known) in
            claims.flat_map(|claim| claim.survivors.iter().map(move |known| (claim, known)))
        {
            let file = claim.file.display().to_string();
            let (line, column) = claim.text.position(known.span.start);
            let founded = (self.survivors.iter()).any(|survivor| {
                survivor.file == file
                    && survivor.edit == known.edit
                    && derivation(&survivor.id) == derivation(&claim.id)
            });
            if !founded && told.insert((file.clone(), known.span.start)) {
                self.unfounded.push(Unfounded {
                    id: derivation(&claim.id).to_owned(),
                    edit: known.edit.clone(),
                    file,
                    line,
                    column,
                });
            }
        }
    }
}

/// The derivation of a step; of another claim, itself.
pub(super) fn derivation(id: &str) -> &str {
    id.split_once('/').map_or(id, |(derivation, _)| derivation)
}
