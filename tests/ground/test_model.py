"""The shared types: what they derive, and that nobody can change one."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from monitor import model
from monitor.model import Article, Place, Severity, SourceSpec

TYPES = [kind for _, kind in inspect.getmembers(model, dataclasses.is_dataclass)]


def test_severities_are_ordered_and_have_words() -> None:
    assert [severity.word for severity in sorted(Severity)] == ["info", "low", "medium", "high", "critical"]


def test_a_severity_is_read_from_its_word() -> None:
    assert Severity.from_word("high") is Severity.HIGH


def test_an_unknown_severity_word_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Severity.from_word("urgent")


def test_an_option_stands_at_its_own_place_else_at_that_of_all() -> None:
    place = Place(file="monitor.yaml", line=3, column=5, options={"url": (4, 7)})
    assert place.of("url") == Place(file="monitor.yaml", line=4, column=7)
    assert place.of("every") == Place(file="monitor.yaml", line=3, column=5)


def test_the_lead_is_the_first_paragraph() -> None:
    article = Article(id="a1", source="wire", title="t", text="first\n\nsecond\n\nthird")
    assert article.lead == "first"


def test_the_lead_of_one_paragraph_is_the_whole_text() -> None:
    assert Article(id="a1", source="wire", title="t", text="only").lead == "only"


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_shared_type_is_frozen_and_has_slots(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)


def test_a_shared_object_refuses_to_be_changed() -> None:
    article = Article(id="a1", source="wire", title="t", text="x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        article.title = "other"  # type: ignore[misc]


def test_specs_do_not_share_their_default_place_by_accident() -> None:
    spec = SourceSpec(id="wire", kind="folder", options={})
    assert (spec.where.file, spec.where.line) == ("", 0)
