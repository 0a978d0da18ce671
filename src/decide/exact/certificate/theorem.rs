//! A theorem as it is stated, and the script that proves it.

use std::fmt::Write as _;

use super::script::{Script, say};

/// What is stated, the same in each case of a proof.
#[derive(PartialEq)]
pub(super) struct Head {
    pub binders: String,
    pub premises: Vec<(String, String)>,
    pub conclusion: String,
}

pub(super) struct Theorem {
    pub head: Head,
    pub script: Script,
}

impl Theorem {
    pub fn statement(&self) -> String {
        let mut text = match self.head.binders.as_str() {
            "" => String::new(),
            binders => format!("  forall {binders},\n"),
        };
        for (_, says) in &self.head.premises {
            let _ = writeln!(text, "  {says} ->");
        }
        text.push_str("  ");
        text.push_str(&self.head.conclusion);
        text
    }

    pub fn variables(&self) -> String {
        let groups = self.head.binders.trim_matches(['(', ')']);
        let names: Vec<&str> = (groups.split(") ("))
            .filter_map(|group| group.split_once(" : "))
            .map(|(names, _)| names)
            .collect();
        names.join(" ")
    }

    /// What every proof about a spectrum begins with.
    pub fn preamble(&self) -> String {
        let mut script = Script::default();
        let has = |name: &str| self.head.premises.iter().any(|(n, _)| n == name);
        if has("HI") {
            say!(script, "pose proof (isotropic_positive S HI) as HS.");
        }
        if has("Hdim") {
            say!(script, "assert (HS0 : 0 < dim S) by lra.");
        }
        script.push(&self.sloped());
        script.text().to_owned()
    }

    /// The derivative exists and is what the lemma says.
    pub fn sloped(&self) -> String {
        let mut script = Script::default();
        if let Some((_, says)) = self.head.premises.iter().find(|(name, _)| name == "Q")
            && let Some((k, of)) = says.split_once(" = kappa ")
            && let Some((_, m)) = self.head.premises.iter().find(|(name, _)| name == "M")
            && let Some(t) = m
                .split_once("is_kappa S ridge ")
                .and_then(|(_, rest)| rest.strip_suffix(" (kappa ridge))"))
        {
            say!(
                script,
                "assert (K1 : is_kappa S {of} {t} {k}) by (rewrite Q; apply M; lra).\n\
                 pose proof (kappa_derivative S {t} kappa {of} HS ltac:(lra) ltac:(lra) M) as V. rewrite <- Q in V.\n\
                 exists (/ (1 - df 2 {k} S / {t}))."
            );
            let further = self.head.conclusion.matches("derivable_pt_lim").count() - 1;
            if further > 0 {
                say!(
                    script,
                    "assert (P1 : 0 < {k}) by (apply (kappa_pos S {of} {t}); [lra | exact K1]).\n\
                     assert (PK : 0 < kappa {of}) by (rewrite <- Q; exact P1)."
                );
            }
            for _ in 0..further {
                say!(script, "eexists.");
            }
            say!(script, "split; [exact V|].");
            for _ in 0..further {
                say!(script, "split; [derive V|].");
            }
            if further > 0 {
                say!(script, "rewrite <- Q. cbn [INR]. clear P1 PK.");
            }
            say!(script, "clear V M Q.");
        }
        script.text().to_owned()
    }
}
