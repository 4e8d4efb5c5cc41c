"""A synthetic ACO market, canonical or in CMS's layouts, for trying out and for benchmarks; nothing is anybody's."""

from qpcli.sample.cclf import write_cclf_sample
from qpcli.sample.plan import SampleFormat, SamplePlan, SampleWritten
from qpcli.sample.rif import write_rif_sample
from qpcli.sample.writing import write_sample

__all__ = ["SampleFormat", "SamplePlan", "SampleWritten", "write_cclf_sample", "write_rif_sample", "write_sample"]
