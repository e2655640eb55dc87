"""Prints one table, and says whether a figure reaches what it must."""

from collections.abc import Sequence


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in plain text, columns as wide as they need."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    print(f"\n{title}\n")
    for row in (header, ["-" * width for width in widths], *rows):
        print(
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
    print()


def verdict(name: str, value: float, limit: float, at_most: bool = True) -> None:
    """One line: the figure, its limit, and whether it holds."""
    holds = value <= limit if at_most else value >= limit
    print(
        f"{name}: {value:,.2f}, must be {'at most' if at_most else 'at least'} {limit:,g}: {'holds' if holds else 'MISSED'}"
    )
