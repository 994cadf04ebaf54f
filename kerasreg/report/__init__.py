"""A search as one page to read, and its winner as code to run."""

from kerasreg.report.page import write_report
from kerasreg.report.rebuild import snippet

__all__ = ["snippet", "write_report"]
