//! JUnit XML: a suite a file, a test case a claim.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::printable::printable;
use super::render::{Format, FormatError};
use super::text::details;
use crate::check::diagnostic::Diagnostic;
use crate::decide::verdict::{ClaimReport, Report, Verdict};

pub struct Junit;

impl Format for Junit {
    fn render(&self, report: &Report, _: &[Diagnostic]) -> Result<String, FormatError> {
        let mut document = Document::new("resolvent");
        for claims in report.claims.chunk_by(|a, b| a.file == b.file) {
            let mut suite = TestSuite::new(printable(&claims[0].file).into_owned());
            for claim in claims {
                suite.add_test_case(case(claim));
            }
            document.add_test_suite(suite);
        }
        let mut xml = document
            .to_string()
            .map_err(|e| FormatError(e.to_string()))?;
        if !xml.ends_with('\n') {
            xml.push('\n');
        }
        Ok(xml)
    }
}

fn case(claim: &ClaimReport) -> TestCase {
    let status = if claim.as_expected {
        TestCaseStatus::success()
    } else {
        let kind = if claim.verdict == Verdict::Error {
            NonSuccessKind::Error
        } else {
            NonSuccessKind::Failure
        };
        let mut status = TestCaseStatus::non_success(kind);
        let reason = claim.reason.as_deref().unwrap_or("see below");
        status.set_type(claim.verdict.name());
        status.set_message(format!(
            "{}, expected: {}; {}",
            claim.verdict.name(),
            claim.expect,
            printable(reason)
        ));
        status.set_description(details(claim));
        status
    };
    let mut case = TestCase::new(printable(&claim.id).into_owned(), status);
    case.set_classname(printable(&claim.file).into_owned());
    case.set_time(Duration::from_secs_f64(claim.seconds.max(0.0)));
    case.extra
        .insert("file".into(), printable(&claim.file).as_ref().into());
    case.extra
        .insert("line".into(), claim.line.to_string().as_str().into());
    if !claim.rests_on_failed.is_empty() {
        case.set_system_out(format!(
            "rests on {}, which does not hold",
            claim.rests_on_failed.join(", ")
        ));
    }
    case
}
