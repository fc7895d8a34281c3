"""The shape of what an alert may wait for: conditions on volume, what lifts a throttle, what escalates. Data only."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from monitor.model import Severity
from monitor.rules import faults as read
from monitor.rules.faults import shape

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
"""Keys are known and values are what their readers make of text."""


def _mapping(example: str) -> BeforeValidator:
    def read_mapping(data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError(f"expected {example}, not {shape(data)}")
        return data

    return BeforeValidator(read_mapping)


def _span(data: Any) -> timedelta:
    found = read.duration(data)
    if not found:
        raise ValueError("expected a duration such as 2h")
    return found


def _times(data: Any) -> float:
    found = read.number(data)
    if found <= 1:
        raise ValueError(f"{data!r} is no rise: write how many times as much, such as 3")
    return found


SEVERITIES = tuple(severity.word for severity in Severity)

Words = Annotated[tuple[str, ...], BeforeValidator(read.several)]
Count = Annotated[int, BeforeValidator(lambda v: read.whole_number(v, least=1))]
Window = Annotated[timedelta, BeforeValidator(_span)]


class WhenSpec(BaseModel):
    """A condition on volume: `{count: 10, over: 1h}`; its keys are ANDed."""

    model_config = STRICT

    count: Count | None = None
    publishers: Count | None = None
    spike: Annotated[float, BeforeValidator(_times)] | None = None
    silent: Window | None = None
    new: Annotated[str, BeforeValidator(lambda v: read.choice(v, ("entity",), "newness"))] | None = None
    over: Window | None = None
    baseline: Window | None = None
    min: Count | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> WhenSpec:
        counted = [key for key in ("count", "publishers", "spike", "new") if getattr(self, key) is not None]
        if not counted and self.silent is None:
            raise ValueError("expected one of count, publishers, spike, silent, new")
        if counted and self.over is None:
            raise ValueError(f"{counted[0]!r} needs 'over' beside it, such as over: 6h")
        if self.over is not None and not counted:
            raise ValueError("'over' belongs to count, publishers, spike or new")
        for key in ("baseline", "min"):
            if getattr(self, key) is not None and self.spike is None:
                raise ValueError(f"{key!r} belongs to 'spike'")
        if self.baseline is not None and self.over is not None and self.baseline <= self.over:
            raise ValueError("'baseline' must be longer than 'over'")
        return self


When = Annotated[WhenSpec, _mapping("a condition such as {count: 10, over: 1h}")]


class UnlessSpec(BaseModel):
    """What lifts a throttle."""

    model_config = STRICT

    new_publishers: Count | None = None

    @model_validator(mode="after")
    def _says_something(self) -> UnlessSpec:
        if self.new_publishers is None:
            raise ValueError("expected {new_publishers: N}, not nothing")
        return self


class EscalateSpec(BaseModel):
    """A step: when the condition holds, a higher severity or more channels."""

    model_config = STRICT

    to: Annotated[str, BeforeValidator(lambda v: read.choice(v, SEVERITIES, "severity"))] | None = None
    when: When | None = None
    notify: Words | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> EscalateSpec:
        if self.when is None:
            raise ValueError("a step needs 'when: {...}'")
        if self.when.silent is not None:
            raise ValueError("a step follows a match, so it cannot wait for silence: leave out 'silent'")
        if self.to is None and not self.notify:
            raise ValueError("a step needs 'to: SEVERITY' or 'notify: [channel]'")
        return self


def _steps(data: Any) -> Any:
    if not isinstance(data, list) or not data:
        raise ValueError(f"expected a list such as [{{to: critical, when: {{...}}}}], not {shape(data)}")
    return data


Unless = Annotated[UnlessSpec, _mapping("{new_publishers: N}")]
Escalate = Annotated[list[EscalateSpec], BeforeValidator(_steps)]
