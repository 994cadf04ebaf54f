"""A search as one page to read, and its winner as code to run."""

from kerasreg.report.page import write_report
from kerasreg.report.rebuild import snippet
from kerasreg.report.sentences import against_pca, answer, finite_rows, optimism

__all__ = ["against_pca", "answer", "finite_rows", "optimism", "snippet", "write_report"]
