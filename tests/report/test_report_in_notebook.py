"""The report in a notebook stands in a frame, and its styles leave the notebook alone."""

import html
import re
from pathlib import Path

import pytest

from kerasreg import report
from tests.helpers.report_pages import Page
from tests.helpers.search_results import digits_search, under_way


@pytest.fixture(scope="module")
def frame():
    return digits_search()._repr_html_()


def test_a_search_shows_itself_as_one_frame_that_holds_the_whole_report(frame, tmp_path):
    (attributes,) = re.fullmatch(r"<iframe ([^<>]*)></iframe>", frame).groups()
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', attributes)[1])
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    whole = report.write_report(digits_search(), tmp_path / "written")
    assert Page(tmp_path / "page.html").texts == Page(whole).texts
    assert 'sandbox="allow-scripts"' in attributes  # its script cannot reach the notebook


def test_a_search_under_way_shows_itself_too():
    assert under_way()._repr_html_().startswith("<iframe ")


def test_every_style_is_bound_to_the_report():
    """`IPython.display.HTML` puts the page's styles into the notebook itself."""
    css = (Path(report.__file__).parent / "page.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).replace("@media print {", "")
    selectors = [one.strip() for rule in re.findall(r"([^{}]+)\{", css) for one in rule.split(",")]
    assert len(selectors) > 30
    assert [one for one in selectors if not one.startswith(".kerasreg-report")] == []
