"""A report's page as its reader sees it."""

from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Reads a page and fails where its tags do not close in order."""

    def __init__(self, path: Path):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(path.read_text(encoding="utf-8"))
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        """Opens the tag."""
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Closes the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keeps the text by the tag around it."""
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def named(self, tag: str) -> list[dict]:
        """The attributes of each such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
