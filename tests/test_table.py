import gzip
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoji_model import limits
from emoji_model.errors import InputError
from emoji_model.table import read_table
from tests.conftest import WriteCsv

ROWS = [["sentence", "emoji"], ["we won, again", "⚾"], ["café at noon", "🍴"], ["so sad", "😓"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiters_line_ends_and_encodings(write_csv: WriteCsv, delimiter: str, newline: str, encoding: str) -> None:
    rows = [*ROWS, *([[f"number {i}", "😁"] for i in range(40)])]
    text = newline.join(delimiter.join(f'"{c}"' if "," in c else c for c in row) for row in rows)
    table = read_table(write_csv(text, encoding=encoding))
    assert table.columns == ("sentence", "emoji")
    assert table.delimiter == delimiter
    assert [cells[:2] for _, cells in table.rows[:3]] == ROWS[1:]


def test_windows_1252(write_csv: WriteCsv) -> None:
    table = read_table(write_csv("text,label\nfa\xe7ade \x96 ok,love\n", encoding="latin-1"))
    assert table.rows[0][1][0] == "façade – ok"
    assert table.encoding == "cp1252"


def test_quoted_newlines_keep_line_numbers_right(write_csv: WriteCsv) -> None:
    table = read_table(write_csv('text,label\n"one\ntwo",a\n\n\nthree,b\n'))
    assert table.rows == ((2, ["one\ntwo", "a"]), (6, ["three", "b"]))


def test_stray_cells_and_missing_header(write_csv: WriteCsv) -> None:
    table = read_table(write_csv("never talk to me again,3,,\nI am proud of you,2,,\nlets play,1\n"))
    assert not table.has_header
    assert table.columns == ("column 1", "column 2", "column 3", "column 4")
    assert len(table.rows) == 3


def test_header_names_in_any_case_with_blanks(write_csv: WriteCsv) -> None:
    table = read_table(write_csv(" Id , TEXT , Label \n1,hello you,a\n2,bye you,b\n"))
    assert table.has_header
    assert table.position("text") == 1
    assert table.position(" LABEL ") == 2
    with pytest.raises(InputError, match="no column 'mood'"):
        table.position("mood")


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "a,b\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"), (b" \n\t\n", "is empty"), (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b"a,b\n"), "gzip"), (zipped(), "zip"), (b"\x89PNG\r\n\x1a\n123", "PNG"), (b"%PDF-1.7", "PDF"),
        (b"text,label\nhello\x00there,a\n", "NUL"), (b"text,label\n", "a header and no rows"),
        (b"\x81\x8d\x8f,\x90\x9d\n", "no text in UTF-8"),
 (b'"",""\n', "only empty cells"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_refused_in_one_line(write_csv: WriteCsv, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_table(write_csv(content))
    assert "data.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_limits_of_size_and_rows(write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CSV_BYTES", 30)
    with pytest.raises(InputError, match="31 bytes, over the limit of 30"):
        read_table(write_csv(b"a,b\n" + b"x" * 27))
    monkeypatch.undo()
    monkeypatch.setattr(limits, "CSV_ROWS", 5)
    assert len(read_table(write_csv("text,label\n" + "a b,c\n" * 5)).rows) == 5
    with pytest.raises(InputError, match="more than 5 rows"):
        read_table(write_csv("text,label\n" + "a b,c\n" * 6))


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(InputError, match="is no file"):
        read_table("/nowhere/data.csv")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(write_csv: WriteCsv, content: bytes) -> None:
    try:
        rows, said = read_table(write_csv(content)).rows, ""
    except InputError as error:
        rows, said = (), str(error)
    assert bool(rows) != bool(said)
    assert "\n" not in said


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), min_size=3, max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(write_csv: WriteCsv, rows: list[tuple[str, str]]) -> None:
    table = read_table(write_csv([["sentence", "label"], *map(list, rows)]))
    if table.delimiter == ",":
        assert [tuple(cells) for _, cells in table.rows] == rows


def test_a_quotation_mark_that_is_never_closed_swallows_nothing(write_csv: WriteCsv) -> None:
    lines = [f"number {i} said {chr(34) if i == 5 else ''}so\t😁" for i in range(60)]
    lines[5] = '"so he said\t😁'
    table = read_table(write_csv("sentence\temoji\n" + "\n".join(lines) + "\n"))
    assert len(table.rows) == 60
    assert table.rows[5] == (7, ['"so he said', "😁"])


def test_rows_are_counted_without_the_header_and_columns_are_bounded(
    write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CSV_ROWS", 3)
    body = "a b,😁\nc d,😓\ne f,😁\n"
    assert len(read_table(write_csv("sentence,emoji\n" + body)).rows) == 3
    with pytest.raises(InputError, match="more than 3 rows"):
        read_table(write_csv(body + "g h,😓\n"))
    with pytest.raises(InputError, match="line 1: 1,001 cells"):
        read_table(write_csv("a," * 1_000 + "\n"))
