"""The error tree and the form in which a fault of a file is told."""

from __future__ import annotations

import pytest

from monitor.errors import (
    ChannelError,
    ConfigError,
    HttpError,
    Level,
    MonitorError,
    Problem,
    RuleError,
    SourceError,
    StoreError,
    StoreLocked,
    did_you_mean,
)

LEAF = Problem(file="rules/b.yaml", line=14, column=7, message="unknown name '$atacks'")
WHOLE = Problem(file="rules/a.yaml", message="the file is empty")


def test_a_problem_is_told_with_file_line_and_column() -> None:
    assert str(LEAF) == "rules/b.yaml:14:7: unknown name '$atacks'"


def test_a_problem_of_a_whole_file_is_told_without_a_line() -> None:
    assert str(WHOLE) == "rules/a.yaml: the file is empty"


def test_a_warning_says_so() -> None:
    warning = Problem(file="a.yaml", line=1, column=2, message="late", level=Level.WARNING)
    assert str(warning) == "a.yaml:1:2: warning: late"


@pytest.mark.parametrize("kind", [ConfigError, RuleError])
def test_an_error_made_of_problems_lists_them_in_file_order(kind: type[ConfigError | RuleError]) -> None:
    error = kind([LEAF, WHOLE])
    assert error.problems == (WHOLE, LEAF)
    assert str(error) == f"{WHOLE}\n{LEAF}"


def test_an_error_made_of_one_sentence_has_no_problems() -> None:
    error = ConfigError("no configuration was found")
    assert (error.problems, str(error)) == ((), "no configuration was found")


def test_every_error_is_a_monitor_error() -> None:
    tree = {ConfigError, RuleError, SourceError, ChannelError, StoreError, StoreLocked, HttpError}
    assert all(issubclass(kind, MonitorError) for kind in tree)
    assert issubclass(StoreLocked, StoreError)


def test_a_source_error_keeps_the_reason_and_the_servers_wish() -> None:
    error = SourceError("HTTP 429", not_before=None)
    assert (error.reason, error.not_before, str(error)) == ("HTTP 429", None, "HTTP 429")


def test_an_http_error_keeps_its_kind_and_reason() -> None:
    error = HttpError("deadline", "no whole answer within 30s")
    assert (error.kind, error.reason, str(error)) == (
        "deadline",
        "no whole answer within 30s",
        "no whole answer within 30s",
    )


@pytest.mark.parametrize(
    ("word", "hint"),
    [("serach", " (did you mean 'search'?)"), ("SEARCH", " (did you mean 'search'?)"), ("zebra", ""), ("", "")],
)
def test_a_slip_gets_the_nearest_known_word(word: str, hint: str) -> None:
    assert did_you_mean(word, ("search", "match", "run")) == hint


def test_of_very_many_known_words_those_that_begin_alike_are_compared() -> None:
    known = [f"name{number}" for number in range(3_000)] + ["base-attacked"]

    assert did_you_mean("base-atacked", known) == " (did you mean 'base-attacked'?)"
    assert did_you_mean("xase-attacked", known) == ""
