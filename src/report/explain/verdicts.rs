//! What each verdict means.

use super::entry::{Entry, entry};

/// From strongest to weakest.
pub const VERDICTS: [Entry; 7] = [
    entry(
        "proved",
        "decided exactly, every side condition discharged from the assumptions",
        "An identity or inequality of rational, algebraic or asymptotic expressions was \
reduced to one that is decided by exact arithmetic. Denominators that must not \
vanish and roots that must exist were shown to do so from the domain of the symbols \
and the assumptions. Satisfies expect = \"holds\".

A limit is proved by the leading terms of both sides, with exact exponents.",
    ),
    entry(
        "certified",
        "enclosed by rigorous intervals over the whole stated domain",
        "The domain was covered by boxes, and on each the two sides were enclosed by \
intervals that decide the relation. Nothing between the boxes is left out, and \
rounding is included. Satisfies expect = \"holds\".

A claim that is nearly an equality somewhere needs many boxes: --effort thorough \
allows more.",
    ),
    entry(
        "supported",
        "no violation found; the row says how hard it was looked for",
        "The claim was evaluated at many points of its domain, corners and special values \
among them, with error bounds; for expectations, by simulation or exact formulas. \
Read the row's numbers: `points` that counted, `worst` discrepancy found, and \
`detects`, the smallest relative discrepancy that would have been seen. A `supported` \
is as strong as `detects` says, and it is no proof. Satisfies expect = \"holds\".

To make it stronger: --effort thorough, narrower domains, or an exact form.",
    ),
    entry(
        "refuted",
        "a witness, shrunk to simple values and confirmed by independent means",
        "There are values of the symbols (and of Sigma and w0) at which the relation fails by \
more than all errors together. The witness lists them with both sides; it was found \
by one route and confirmed by another. Put the values into the formula to see it.

What to do: if the formula is as printed somewhere, keep it with expect = \"refuted\" \
and why = \"…\", and put the true one next to it with instead = \"…\". If it holds in a \
part of the domain only, add that as assume = [\"…\"].",
    ),
    entry(
        "inconclusive",
        "budget or precision ran out",
        "Neither a violation nor enough evidence. The reason stands in the row: values too \
close to tell, an expectation whose simulation is too noisy, a limit whose ladder \
still moves. Counts as not holding.

What to do: --effort thorough; smaller domains; assume the parameters away from \
boundaries such as T = d; split the claim.",
    ),
    entry(
        "vacuous",
        "the assumptions leave too few points; never a pass",
        "Hardly any values of the symbols meet the assumptions, so that nothing was tested. \
Often two assumptions contradict one another, or an equality between real symbols \
was assumed where one should be defined by the other: write phi = \"d/T\" under \
[symbols] instead of assume = [\"phi = d/T\"].",
    ),
    entry(
        "error",
        "the file or formula is wrong",
        "The claim could not be read or has no meaning: an unknown name, shapes that do not \
fit, a limit without a path. The diagnostic on standard error points at the place; \
`resolvent explain CODE` explains its code.",
    ),
];
