"""The JSON Schemas that editors check rule files and the configuration with, as files."""

from __future__ import annotations

import json
from collections.abc import Mapping

from monitor.cli._schema_config import configuration_schema
from monitor.cli._schema_rules import rules_schema
from monitor.cli._schema_suites import suite_schema


def schema_files() -> Mapping[str, str]:
    """The text of each schema by its name in `config/schema/`."""
    made = {"rules.json": rules_schema(), "tests.json": suite_schema(), "monitor.json": configuration_schema()}
    return {name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n" for name, schema in made.items()}
