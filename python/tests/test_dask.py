"""The lines of the README that send a sweep to a cluster."""

import pytest

import resolvent

EXPERIMENT = """
[setting]
d        = 20
spectrum = { kind = "power-law", beta = 2 }
target   = { kind = "source", r = 0.375 }
[downstream]
noise = 0.2
ridge = 1e-2
[sweep]
T = [10, 20, 40, 80, 160]
[simulate]
replicates = 20
seed       = 1
"""


def test_parts_on_a_cluster_are_the_whole():
    distributed = pytest.importorskip("dask.distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        parts = client.map(lambda i: list(resolvent.simulate(EXPERIMENT, part=(i, 3), threads=1)), range(3))
        rows = sorted(sum(client.gather(parts), []), key=lambda row: row["cell"])
    assert rows == list(resolvent.simulate(EXPERIMENT))
