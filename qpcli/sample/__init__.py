"""A synthetic ACO market in the canonical layout, for trying out and for benchmarks; nothing in it is anybody's."""

from qpcli.sample.plan import SampleFormat, SamplePlan, SampleWritten
from qpcli.sample.writing import write_sample

__all__ = ["SampleFormat", "SamplePlan", "SampleWritten", "write_sample"]
