"""The page's building blocks; whatever they are given is escaped here, and nowhere else."""

import base64
from collections.abc import Iterable, Sequence
from html import escape


def element(tag: str, text: str, **attributes: str) -> str:
    """Returns `<tag>text</tag>` with the text escaped; a trailing `_` of attribute names is dropped."""
    return f"<{tag}{_attributes(attributes)}>{escape(text)}</{tag}>"


def section(name: str, heading: str, parts: Iterable[str]) -> str:
    """Returns a section of the page under its heading."""
    return "\n".join(
        [
            f'<section aria-labelledby="{escape(name)}">',
            element("h2", heading, id=name),
            *parts,
            "</section>",
        ]
    )


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, marked: int | None = None
) -> str:
    """Returns a table that scrolls in a box of its own; the first cell of a row is its heading.

    Args:
        caption: What the table shows.
        head: The heading of each column.
        rows: The cells of each row, as text.
        marked: The row to set off, counted from 0.
    """
    lines = [
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">',
        f"<table{_attributes({'class_': 'narrow'} if len(head) <= 3 else {})}>",
        element("caption", caption),
        "<thead><tr>" + "".join(element("th", cell, scope="col") for cell in head) + "</tr></thead>",
        "<tbody>",
    ]
    for number, (first, *others) in enumerate(rows):
        cells = element("th", first, scope="row") + "".join(element("td", cell) for cell in others)
        lines.append(f"<tr{_attributes({'class_': 'marked'} if number == marked else {})}>{cells}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>", "</div>"])


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """Returns words and what they stand for."""
    entries = (f"<div>{element('dt', word)}{element('dd', value)}</div>" for word, value in pairs)
    return "\n".join(["<dl>", *entries, "</dl>"])


def items(texts: Iterable[str], *, tag: str = "ol") -> str:
    """Returns a list, numbered for `"ol"`."""
    return "\n".join([f"<{tag}>", *(element("li", text) for text in texts), f"</{tag}>"])


def code(text: str, label: str) -> str:
    """Returns code in a box of its own; the page's script gives it a button to copy it."""
    box = f'<div class="code" data-label="{escape(label)}"><pre tabindex="0">'
    return f"{box}<code>{escape(text)}</code></pre></div>"


def picture(png: bytes, size: tuple[int, int], alt: str, caption: str) -> str:
    """Returns a figure that carries its picture within itself.

    Args:
        png: The picture.
        size: Its width and height on the page, in CSS pixels.
        alt: What it shows, for those who do not see it.
        caption: What to look at in it; no caption if empty.
    """
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    image = f'<img src="{source}" width="{size[0]}" height="{size[1]}" alt="{escape(alt)}">'
    below = element("figcaption", caption) if caption else ""
    return f"<figure>\n{image}\n{below}</figure>"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())
