"""A search as one page to read, and its winner as code to run."""

from kerasreg.report.page import report_in_frame, write_report
from kerasreg.report.rebuild import snippet
from kerasreg.report.regression_sentences import against_marks, regression_errors
from kerasreg.report.sentences import against_pca, answer
from kerasreg.report.tested import never_predicted, recall, search_and_test

__all__ = [
    "against_marks",
    "against_pca",
    "answer",
    "never_predicted",
    "recall",
    "regression_errors",
    "report_in_frame",
    "search_and_test",
    "snippet",
    "write_report",
]
