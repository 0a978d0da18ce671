//! Derivation files, domains, verdicts, witnesses.
