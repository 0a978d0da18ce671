import pytest

import resolvent

DERIVATION = """
[symbols]
d = { integer = [1, 40] }
T = { integer = [2, 400] }
k = { real = [1e-3, 10], scale = "log" }

[[claim]]
id   = "ordered"
says = "df(2, k) <= df(1, k)"

[[claim]]
id   = "squared"
says = "df(2, k) = df(1, k)^2"
"""


def test_claims_have_verdicts():
    report = resolvent.check(DERIVATION)
    assert report.claims[0].verdict in ("proved", "certified", "supported")
    assert report["ordered"].holds
    refuted = report["squared"]
    assert refuted.verdict == "refuted"
    assert not refuted.holds and not refuted.as_expected and not report.as_expected
    lhs, rhs = refuted.witness["lhs"], refuted.witness["rhs"]
    assert float(lhs) != float(rhs)


def test_reports_render():
    report = resolvent.check(DERIVATION, filter="squared")
    assert [claim.id for claim in report.claims] == ["squared"]
    assert "refuted" in str(report)
    assert "squared" in report._repr_html_()
    shown = report.claims[0]._repr_html_()
    assert "against" in shown
    assert "<math" in shown and "<svg" in shown
    assert report.page.startswith("<!DOCTYPE html>")


def test_what_a_file_says_cannot_inject_markup():
    report = resolvent.check('[symbols]\nx = { real = [1, 2] }\n[[claim]]\nid = "a"\nsays = "x < 3"\n')
    assert "x &lt; 3" in report._repr_html_()
    assert "x < 3" not in report["a"]._repr_html_()


def test_files_and_folders(tmp_path):
    (tmp_path / "a.toml").write_text(DERIVATION)
    assert len(resolvent.check(tmp_path).claims) == 2
    assert len(resolvent.check(tmp_path / "a.toml").claims) == 2
    with pytest.raises(FileNotFoundError):
        resolvent.check(tmp_path / "b.toml")


def test_faults_are_exceptions_with_place_and_help():
    alone = DERIVATION.replace("df(2, k) <= df(1, k)", "2 k <= 1").split("[[claim]]\nid   = \"squared\"")[0]
    with pytest.raises(resolvent.FileError, match="2\\*k") as error:
        resolvent.check(alone)
    fault = error.value.faults[0]
    assert fault["line"] == 9 and fault["help"] and fault["code"]


def test_a_fault_costs_one_claim():
    report = resolvent.check(DERIVATION.replace("df(2, k) <= df(1, k)", "2 k <= 1"))
    assert report["ordered"].verdict == "error"
    assert report["squared"].verdict == "refuted"
    assert len(report.faults) == 1 and not report.as_expected


def test_options_are_checked():
    with pytest.raises(ValueError, match="thorough"):
        resolvent.check(DERIVATION, effort="best")


def test_same_seed_same_report():
    assert resolvent.check(DERIVATION, threads=1).claims == resolvent.check(DERIVATION, threads=2).claims
