"""Quantiles are those of numpy, to the bit."""

from __future__ import annotations

import numpy as np

from scenarios.metrics.quantiles import quantiles

SHARES = (0.0, 0.025, 0.25, 0.5, 0.75, 0.9, 0.975, 1.0)


def test_quantiles_are_those_of_numpy_to_the_bit():
    generator = np.random.Generator(np.random.PCG64(7))
    for size in (1, 2, 3, 4, 5, 7, 10, 11, 20, 21, 41, 60, 101, 359):
        for values in (generator.lognormal(1.0, 1.0, size), generator.integers(0, 90_000, size) / 3600.0):
            assert quantiles(sorted(values.tolist()), SHARES) == np.quantile(values, SHARES).tolist(), size
