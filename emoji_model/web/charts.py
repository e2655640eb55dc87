"""Bars and tables as HTML, every value escaped: small pictures that need no library in the browser."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_BARS_SHOWN = 40


def bars(counts: Mapping[str, int], caption: str) -> str:
    """A bar for each count, in their order; past 40 of them the rest is one line.

    Args:
        counts: numbers by what they count.
        caption: what the bars show, for those who do not see them.
    """
    most = max(counts.values(), default=1)
    rows = "".join(
        f"<li><span class='what'>{escape(what)}</span><span class='bar' aria-hidden='true'>"
        f"<i style='width:{100 * count / most:.1f}%'></i></span><span class='count'>{count:,}</span></li>"
        for what, count in list(counts.items())[:_BARS_SHOWN]
    )
    rest = len(counts) - _BARS_SHOWN
    more = f"<li class='more'>and {rest:,} more</li>" if rest > 0 else ""
    return f"<ul class='bars' aria-label='{escape(caption)}'>{rows}{more}</ul>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of texts; the first cell of each row heads it."""
    top = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr><th scope='row'>{escape(first)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<div class='scroll' tabindex='0'><table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def confusion(counts: Sequence[Sequence[int]], labels: Sequence[str], classes: int) -> str:
    """A confusion matrix as a picture: rows are what was right, columns what was predicted; darker is more of the row.

    Args:
        counts: by (true, predicted) class.
        labels: of its rows and columns.
        classes: how many there are in all, of which these are the largest.
    """
    kept = [i for i, row in enumerate(counts) if sum(row) or any(other[i] for other in counts)]
    top = "".join(f"<th scope='col'><span>{escape(labels[i])}</span></th>" for i in kept)
    body = ""
    for i in kept:
        size = max(1, sum(counts[i]))
        cells = "".join(
            f"<td class='{'right' if i == j else 'wrong'}' style='--share:{counts[i][j] / size:.3f}' "
            f"title='{escape(labels[i])} read as {escape(labels[j])}: {counts[i][j]}'>{counts[i][j] or ''}</td>"
            for j in kept
        )
        body += f"<tr><th scope='row'>{escape(labels[i])}</th>{cells}</tr>"
    note = f"<p class='small'>The {len(labels)} largest of {classes} labels.</p>" if classes > len(labels) else ""
    return (
        "<p class='small'>Rows: the label in your file. Columns: what was predicted.</p>"
        f"<div class='scroll' tabindex='0'><table class='confusion' aria-label='Confusion matrix'><thead><tr><td></td>{top}"
        f"</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def notice(text: str, kind: str = "error") -> str:
    """A sentence set apart: "error", "warning", "done" or "busy"."""
    role = "alert" if kind == "error" else "status"
    return f"<p class='{kind}' role='{role}'>{escape(text)}</p>"
