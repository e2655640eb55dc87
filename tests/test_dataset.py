from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoji_model.dataset import check_trainable, read_csv, read_sentences
from emoji_model.errors import InputError
from tests.conftest import WriteCsv


def test_the_articles_format(write_csv: WriteCsv) -> None:
    dataset, report = read_csv(
        write_csv("never talk to me again,3,,\nI am proud of you,2,,\nlets play ball,1\nyum,4\n")
    )
    assert [label.text for label in dataset.firsts] == ["😓", "😁", "⚾", "🍴"]
    assert (report.rows_read, report.rows_used, report.has_header) == (4, 4, False)


def test_integers_beyond_the_article_are_words(write_csv: WriteCsv) -> None:
    dataset, _ = read_csv(write_csv("a b,3\nc d,7\n"))
    assert [label.text for label in dataset.firsts] == ["3", "7"]


def test_one_stray_label_does_not_make_words_of_the_others(write_csv: WriteCsv) -> None:
    rows = [[f"sentence number {i}", f"{i % 5}.0" if i % 2 else str(i % 5)] for i in range(40)] + [["a b", "7"]]
    dataset, report = read_csv(write_csv(rows))
    assert {label.text for label in dataset.firsts} == {"❤️", "⚾", "😁", "😓", "🍴", "7"}
    assert "0 to 4" in report.warnings[0]


def test_spellings_of_one_emoji_are_one_class(write_csv: WriteCsv) -> None:
    rows = [["a b", "❤"], ["c d", "❤️"], ["e f", ":heart:"], ["g h", "👍🏽"], ["i j", "👍"]]
    _, report = read_csv(write_csv(rows))
    assert report.class_counts == {"❤️": 3, "👍": 2}


def test_several_labels_keep_their_order(write_csv: WriteCsv) -> None:
    dataset, _ = read_csv(
        write_csv([["sentence", "emoji"], ["so good", "😋 🍕 😋"], ["wow nice", "😁❤"], ["a b", "😁"]])
    )
    assert [[y.text for y in row] for row in dataset.labels] == [["😋", "🍕"], ["😁", "❤️"], ["😁"]]


def test_columns_are_found_among_others(write_csv: WriteCsv) -> None:
    rows = [["id", "lang", "what was said", "mood"]]
    rows += [[str(i), "en", f"the sentence of number {i}", "good" if i % 2 else "bad"] for i in range(30)]
    dataset, report = read_csv(write_csv(rows), label_column="mood")
    assert (report.text_column, report.label_column) == (2, 3)
    assert Counter(y.text for y in dataset.firsts) == {"good": 15, "bad": 15}


def test_chosen_columns_win(write_csv: WriteCsv) -> None:
    path = write_csv([["text", "label", "other"], ["a b", "x", "y"], ["c d", "x", "z"], ["e f", "x", "z"]])
    assert read_csv(path, label_column="other")[1].class_counts == {"z": 2, "y": 1}
    assert read_csv(path, label_column=2)[1].class_counts == {"z": 2, "y": 1}
    with pytest.raises(InputError, match="cannot both be in 'text'"):
        read_csv(path, text_column="text", label_column="text")


def test_dropped_rows_are_named_with_their_line(write_csv: WriteCsv) -> None:
    text = "text,label\ngood day,a\n,a\nno label here,\nlong label," + "x" * 61 + "\n\ngood day,a\nbad day,b\n"
    _, report = read_csv(write_csv(text), drop_duplicates=True)
    assert [(d.line, d.reason) for d in report.dropped] == [
        (3, "no sentence"), (4, "no label"), (5, "label of more than 60 characters"), (7, "the same as line 2"),
    ]  # fmt: skip
    assert report.rows_read == report.rows_used + len(report.dropped) == 6


def test_warnings_are_plain(write_csv: WriteCsv) -> None:
    rows = [[f"sentence number {i}", "a"] for i in range(60)] + [["odd one", "b"], ["Sentence number 3", "b"]]
    _, report = read_csv(write_csv(rows))
    assert len(report.warnings) == 3
    assert "fewer than 10 sentences (b)" in report.warnings[0]
    assert "more than one label" in report.warnings[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("just one column\nand another row\n", "has one column"),
        ("text,label\n,a\n,b\n", "no column with sentences|no usable row"),
        ("text,label\nhello you,\nbye you,\n", "no usable row: 2 with no label"),
    ],
)
def test_unusable_files_are_refused(write_csv: WriteCsv, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_csv(write_csv(text))


def test_what_cannot_be_learned_is_refused(write_csv: WriteCsv) -> None:
    for rows, says in [
        ([["a b", "x"], ["c d", "x"]], "have the label 'x'"),
        ([["a b", "x"], ["c d", "x"], ["e f", "y"]], "Only one has 'y'"),
        ([["text", "label"]] + [[f"row {i}", f"label {i // 2}"] for i in range(2_002)], "1,001 different labels"),
    ]:
        with pytest.raises(InputError, match=says):
            check_trainable(read_csv(write_csv(rows))[0])


def test_sentences_alone(write_csv: WriteCsv) -> None:
    path = write_csv([["id", "text"], ["1", "hello there"], ["2", ""], ["3", "bye now"]])
    assert list(read_sentences(path)) == ["hello there", "bye now"]
    assert list(read_sentences(path, "id")) == ["1", "2", "3"]
    assert list(read_sentences(write_csv("only sentences here\nand here\n", "one.csv"))) == [
        "only sentences here", "and here",
    ]  # fmt: skip


CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=70)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=12))
def test_rows_in_and_out_always_add_up(write_csv: WriteCsv, rows: list[list[str]]) -> None:
    try:
        dataset, report = read_csv(write_csv(rows), drop_duplicates=True)
    except InputError:
        return
    assert report.rows_read == report.rows_used + len(report.dropped)
    assert report.rows_used == len(dataset) == len(dataset.labels) == sum(report.class_counts.values())
    assert all(sentence.strip() for sentence in dataset.sentences)
    assert all(labels and all(label.text for label in labels) for labels in dataset.labels)
