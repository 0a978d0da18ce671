//! What each diagnostic code means, and what to do about it.

use super::entry::{Entry, entry};

/// In the order of the letters: D derivation files, F formulas, S shapes, T tables, X experiments.
pub const CODES: &[Entry] = &[
    entry(
        "D001",
        "a file that cannot be read",
        "It does not exist, is no text, or exceeds the bound on a file's size.",
    ),
    entry(
        "D002",
        "not valid TOML",
        "The file's syntax is wrong. Formulas are strings: write says = \"a = b\", in quotes; a backslash in them needs '…'.",
    ),
    entry(
        "D003",
        "an unknown key",
        "No section or claim has this key. `did you mean` names the nearest one.",
    ),
    entry(
        "D004",
        "a value of the wrong kind",
        "A string stands where a table should, a table where a list should, and so on. [[claim]] has double brackets, [setting] single ones.",
    ),
    entry(
        "D005",
        "something is missing",
        "A required key is absent: a claim needs id and says, a derivation id, start and steps; kinds of spectra and targets have keys of their own.",
    ),
    entry(
        "D006",
        "an id that is taken",
        "Two claims or derivations have one id. Ids are unique in a file: `uses`, `instead` and --filter go by them.",
    ),
    entry(
        "D007",
        "an id of unusable letters",
        "An id is made of letters, digits, `-`, `_` and `.`.",
    ),
    entry(
        "D008",
        "a domain or parameter that makes no sense",
        "An empty or unbounded domain, a logarithmic one that starts at 0, an exponent or size that no object can have.",
    ),
    entry(
        "D009",
        "not allowed in this place",
        "An asymptotic relation among the assumptions, a finite d under [setting], a limit variable that is no name.",
    ),
    entry(
        "D010",
        "a reference to nothing",
        "`instead` or `uses` names a claim that does not exist.",
    ),
    entry(
        "D011",
        "a contradiction within the file",
        "A name is declared twice, two settings exclude one another, or a block is both a claim and a derivation.",
    ),
    entry(
        "D012",
        "unusable numbers in a data file",
        "Eigenvalues are positive and descend, one a line; coefficients are as many as eigenvalues.",
    ),
    entry(
        "D013",
        "an unusable name",
        "Names are letters, digits and `_`, start with a letter, and do not hide what the language defines (Sigma, w0, I, kappa, …).",
    ),
    entry(
        "D014",
        "nothing to decide",
        "A file without claims, or a derivation without steps.",
    ),
    entry(
        "D015",
        "too much of something",
        "More names or claims than a file may hold, so that strangers' files cannot exhaust the machine. Split it.",
    ),
    entry(
        "D016",
        "a claim rests on one that does not exist",
        "`uses` names a claim of this file or another. Ids are looked for in all files that are checked together.",
    ),
    entry(
        "D017",
        "a circle of claims",
        "A claim rests on itself, through others. Claims are proved from others one way only: remove one of the uses.",
    ),
    entry(
        "F001",
        "a formula or name that is too long",
        "Formulas and names have a bounded length. Use [define] for parts.",
    ),
    entry(
        "F002",
        "a malformed number",
        "Numbers are written 0.5, 1e-3, 300; they are kept exactly. A digit stands on both sides of the point.",
    ),
    entry(
        "F003",
        "a character without meaning",
        "Operators are + - * / ^ ' and relations = <= >= < > ~ asymp <~ >~ ->. Greek letters and common mathematical signs have meanings; accents do not: write w_hat.",
    ),
    entry(
        "F004",
        "nested too deeply",
        "The formula has more operations inside one another than the program reads. Use [define].",
    ),
    entry(
        "F005",
        "a value is missing",
        "Something is to be added, compared or called, but there is nothing there. There is no unary plus.",
    ),
    entry(
        "F006",
        "two values side by side",
        "Multiplication is never implied: write 2*T, sigma^2*d.",
    ),
    entry(
        "F007",
        "brackets that do not match",
        "A bracket is never closed, closes nothing, or is of another kind.",
    ),
    entry(
        "F008",
        "a sign out of place",
        "A comma outside an argument list, a range outside sum or prod, square brackets around one value: [A; B] puts rows under rows, [A, B] columns beside columns, E[…] averages.",
    ),
    entry(
        "F009",
        "a relation is missing or in excess",
        "A claim is one relation between two values; a definition is a value without a relation; a step starts with its relation.",
    ),
    entry(
        "F010",
        "the wrong number of arguments",
        "`resolvent check --help` and the README list the functions with their arguments.",
    ),
    entry(
        "F011",
        "an unknown function",
        "Functions and symbols have separate name spaces. E takes square brackets: E[…].",
    ),
    entry(
        "F012",
        "a malformed sum, minimum or choice",
        "Write sum(i = a..b, f), inf(x in [a, b], f), if(a <= b, x, y).",
    ),
    entry(
        "F013",
        "an unknown name",
        "Nothing is declared under this name. Symbols stand under [symbols], random objects under [random], abbreviations under [define].",
    ),
    entry(
        "F014",
        "a name used as what it is not",
        "A symbol called like a function, a family of random objects without an index, a derivative by something random.",
    ),
    entry(
        "F015",
        "a circle of definitions",
        "Definitions refer to one another in a circle. They end in symbols with a domain, or in numbers. A step of a recursion is made of earlier members.",
    ),
    entry(
        "F016",
        "too large when written out",
        "Abbreviations or derivatives, written out, exceed the bound on a formula's size.",
    ),
    entry(
        "F017",
        "a limit without a path",
        "~, asymp, <~, >~, -> and exponent(…) need [limit]: a variable that tends to infinity, and how other symbols follow it.",
    ),
    entry(
        "F018",
        "no derivative",
        "This expression cannot be differentiated by this symbol in the language: random objects, conditions, minima.",
    ),
    entry(
        "F019",
        "a recursion without end",
        "A recursive definition is written out step by step: its index is a number, or made of symbols with integer domains, at most 64 steps from its start and never before it.",
    ),
    entry(
        "S001",
        "a sum of unlike shapes",
        "Vectors are added to vectors of the same length, matrices to matrices of the same size; a number times I is a matrix.",
    ),
    entry(
        "S002",
        "a product that does not fit",
        "The columns of the left factor are not the rows of the right one. A transpose (') is often missing.",
    ),
    entry(
        "S003",
        "a division by something that is no number",
        "Only numbers divide: write A*inv(B), or inv(B)*A.",
    ),
    entry(
        "S004",
        "a power that does not exist",
        "Powers are numbers; matrices have whole powers if square, other powers if functions of Sigma; vectors have none: norm2(v).",
    ),
    entry(
        "S005",
        "a transposed number",
        "' binds tighter than any operator: write (A*B)'.",
    ),
    entry(
        "S006",
        "an argument of the wrong shape",
        "tr and inv take square matrices, norm2 a vector, ridge a design, labels and a number.",
    ),
    entry(
        "S007",
        "sides of different shapes",
        "Both sides of a relation have one shape; inequalities and limits relate numbers.",
    ),
    entry(
        "S008",
        "randomness in the wrong place",
        "E[…] of nothing random, E inside E, an assumption about random objects, a random size.",
    ),
    entry(
        "S009",
        "a number is needed",
        "A domain, a size or an assumption takes a number; this is a vector or matrix.",
    ),
    entry(
        "S010",
        "the dimension is not declared",
        "The formula speaks of Sigma, w0 or I, whose size is d. Declare d under [symbols], or d = \"inf\" under [setting].",
    ),
    entry(
        "S011",
        "a stack of parts that do not fit",
        "[A; B] puts rows under rows: as many columns on either side. [A, B] puts columns beside columns: as many rows. A vector is a column, its transpose a row; I takes the size that the others ask for.",
    ),
    entry(
        "S012",
        "a mean with something given",
        "E[f | X] averages over every random object but X. Inside of an E[…] it may be added, multiplied, squared, transposed, traced: each occurrence is averaged over objects of its own. What is given are names of random objects, families as a whole.",
    ),
    entry(
        "S013",
        "an integral without an end",
        "Integrals are enclosed over bounded ranges. Integrate up to a symbol or a number, int(x = 0..L, f(x)), and bound what is beyond it.",
    ),
    entry(
        "T001",
        "a faulty table file",
        "`resolvent table --help` shows one. Grids hold numbers or formulas of the names before; columns are formulas, { predict = … } or { exact = … }.",
    ),
    entry(
        "X001",
        "not valid TOML",
        "The experiment file's syntax is wrong. Formulas stand in quotes.",
    ),
    entry(
        "X002",
        "a value of the wrong kind",
        "A number, a list, a table or a word was expected.",
    ),
    entry(
        "X003",
        "an unknown key",
        "`resolvent predict --help` shows an experiment file.",
    ),
    entry(
        "X004",
        "something is missing",
        "An experiment has [setting] with spectrum and target, and [downstream]; kinds have keys of their own.",
    ),
    entry(
        "X005",
        "an unusable number",
        "It is not finite, or out of range.",
    ),
    entry(
        "X006",
        "an unknown word",
        "Designs are independent or shared; spectra, targets and laws have listed kinds.",
    ),
    entry(
        "X007",
        "an unusable sweep or rule",
        "An empty list, a grid such as { log = [0, 1, 5] } that cannot be, replicates or quantiles out of range.",
    ),
    entry(
        "X008",
        "values and weights of unequal number",
        "Each eigenvalue of `atoms` has its share of the dimension.",
    ),
    entry(
        "X009",
        "a data file that cannot be used",
        "One number a line; eigenvalues are positive.",
    ),
    entry(
        "X101",
        "a formula without a number",
        "It divides by zero, or takes a root or logarithm that does not exist, at this point of the sweep.",
    ),
    entry(
        "X102",
        "not available in an experiment's formulas",
        "They are made of numbers, T, d, n, T0 (and m), operations, and functions of numbers; no kappa, no matrices.",
    ),
    entry(
        "X103",
        "a number out of range",
        "It does not fit into double precision.",
    ),
    entry(
        "X201",
        "too many combinations",
        "The sweep has more points than the program takes. Sweep fewer values.",
    ),
    entry(
        "X202",
        "d contradicts the spectrum's file",
        "The file's length is the dimension; leave d out.",
    ),
    entry(
        "X203",
        "the dimension is not given",
        "Add d to [setting] or [sweep].",
    ),
    entry(
        "X204",
        "an infinite dimension without a power law",
        "Only power laws have an infinite form.",
    ),
    entry(
        "X205",
        "shares that are no whole numbers",
        "Weights times d must be whole numbers that sum to d.",
    ),
    entry(
        "X206",
        "a spectrum or target that is not possible",
        "The message says why: an exponent, a length, a mass out of range.",
    ),
    entry(
        "X207",
        "a source exponent without a power law",
        "A source condition c_k² = k^-δ is defined for power laws.",
    ),
    entry(
        "X208",
        "coefficients of the wrong number",
        "One coefficient for each eigenvalue.",
    ),
    entry(
        "X209",
        "not a whole number",
        "Dimensions, generations and indices are whole numbers.",
    ),
    entry(
        "X210",
        "out of range",
        "Sample sizes are positive; noise and ridge are finite and not negative.",
    ),
    entry(
        "X211",
        "the generations are not given, or too many",
        "Add generations to [chain], or n to [sweep].",
    ),
    entry(
        "X212",
        "the downstream sample size is not given",
        "Add samples to [downstream], or T to [sweep].",
    ),
    entry(
        "X213",
        "n without a chain",
        "n is swept, but there is no [chain]: add one with samples and noise.",
    ),
    entry(
        "X214",
        "the generations' sample size is not given",
        "Add samples to [chain], or T0 to [sweep].",
    ),
    entry(
        "X215",
        "shared designs of several sizes",
        "Generations that share a design have one sample size.",
    ),
    entry(
        "X216",
        "a list of the wrong length",
        "A list has one entry for each generation; or give one number for all.",
    ),
];
