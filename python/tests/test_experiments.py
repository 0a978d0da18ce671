import math

import pytest

import resolvent

EXPERIMENT = """
[setting]
d        = 30
spectrum = { kind = "power-law", beta = 2 }
target   = { kind = "source", r = 0.375 }

[chain]
samples = 60
noise   = 0.2

[downstream]
noise = 0.2
ridge = "T^-0.8"

[sweep]
n = [0, 2]
T = [40, 100]

[simulate]
replicates = 200
seed       = 1
"""


def test_predictions_are_records():
    rows = resolvent.predict(EXPERIMENT)
    assert [(row["n"], row["T"]) for row in rows] == [(0, 40), (0, 100), (2, 40), (2, 100)]
    for row in rows:
        total = row["bias"] + row["variance"] + row["synthetic"]
        assert row["test_error"] == pytest.approx(total, rel=1e-12)
        spectrum = resolvent.PowerLaw(2, d=30)
        assert row["kappa"] == pytest.approx(resolvent.kappa(spectrum, row["lambda"], row["T"]), rel=1e-12)


def test_data_frames_take_them():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    rows = resolvent.predict(EXPERIMENT)
    assert list(pandas.DataFrame(rows)["T"]) == [40, 100, 40, 100]
    assert polars.DataFrame(rows)["test_error"].to_list() == [row["test_error"] for row in rows]
    assert "<table>" in rows._repr_html_()


def test_simulations_agree_with_predictions():
    rows = resolvent.predict(EXPERIMENT).simulate(replicates=400, seed=3)
    for row in rows:
        # The equivalent is off by some percent at d = 30.
        distance = abs(row["mean"] - row["test_error"])
        assert distance < 4 * row["standard_error"] + 0.05 * row["test_error"]
        assert row["replicates"] == 400


def test_parts_are_the_whole():
    whole = resolvent.simulate(EXPERIMENT, replicates=20)
    parts = [resolvent.simulate(EXPERIMENT, replicates=20, part=(i, 3)) for i in range(3)]
    joined = sorted((row for part in parts for row in part), key=lambda row: row["cell"])
    assert [row["mean"] for row in joined] == [row["mean"] for row in whole]
    assert resolvent.simulate(EXPERIMENT, replicates=20, threads=1) == whole
    assert resolvent.simulate(EXPERIMENT, replicates=20, seed=5) != whole


def test_infinite_dimension_is_a_number():
    rows = resolvent.predict(EXPERIMENT.replace("= 30", "= inf").replace("samples = 60\nnoise   = 0.2", "samples = 60"))
    assert rows[0]["d"] == math.inf


def test_files_and_strings_say_the_same(tmp_path):
    path = tmp_path / "experiment.toml"
    path.write_text(EXPERIMENT)
    assert resolvent.predict(path) == resolvent.predict(EXPERIMENT) == resolvent.predict(str(path))


def test_faults_are_exceptions_with_place_and_help():
    with pytest.raises(resolvent.FileError) as error:
        resolvent.predict(EXPERIMENT.replace("T^-0.8", "T^-0.8 + q"))
    assert "q" in str(error.value)
    fault = error.value.faults[0]
    assert fault["line"] == 13
    assert fault["code"]
    with pytest.raises(FileNotFoundError):
        resolvent.predict("no-such-file.toml")
    with pytest.raises(ValueError, match="part"):
        resolvent.simulate(EXPERIMENT, part=(3, 3))


def test_a_failing_point_says_which():
    with pytest.raises(ValueError, match="T = 40"):
        resolvent.simulate(EXPERIMENT.replace("= 30", "= inf"))


def test_pictures_show_theory_and_simulation():
    rows = resolvent.predict(EXPERIMENT)
    plain = rows.picture()
    assert plain.svg.startswith("<svg") and plain._repr_svg_() == plain.svg
    few = resolvent.predict(EXPERIMENT.replace("replicates = 200", "replicates = 5")).picture(simulated=True)
    assert few.svg.count("<") > plain.svg.count("<")


FORMULAS = """
[setting]
d        = 40
spectrum = { kind = "power-law", beta = 1.5 }
target   = { kind = "isotropic", norm2 = 1 }

[random]
X = { design = "T" }
Z = { design = "S", covariance = "Sigma^2" }
E = { noise = "T + S", sd = 0.3 }

[predict]
test_error = "E[norm2(ridge([X; Z], [X; Z]*w0 + E, lambda) - w0, Sigma)]"

[sweep]
S      = [0, 50]
T      = [60, 120]
lambda = [0.1]

[simulate]
replicates = 200
"""


def test_estimators_in_formulas():
    rows = resolvent.predict(FORMULAS)
    assert [(row["S"], row["T"]) for row in rows] == [(0, 60), (0, 120), (50, 60), (50, 120)]
    drawn = rows.simulate(seed=3)
    for row in drawn:
        distance = abs(row["mean"] - row["test_error"])
        assert distance < 4 * row["standard_error"] + 0.02 * row["test_error"]
        assert row["replicates"] == 200
    parts = [resolvent.simulate(FORMULAS, seed=3, part=(i, 2)) for i in range(2)]
    assert sorted(parts[0] + parts[1], key=lambda row: row["cell"]) == drawn
    assert "Broken lines" in rows.picture(simulated=True).svg
    with pytest.raises(ValueError, match="mixd"):
        resolvent.predict(FORMULAS.replace("- w0, Sigma", "- mixd, Sigma"))
