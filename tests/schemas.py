"""Write the JSON Schemas of `config/schema/` anew, from the models.

python -m tests.schemas
"""

from __future__ import annotations

from monitor.cli._schemas import schema_files
from tests.conftest import ROOT

if __name__ == "__main__":
    for name, text in schema_files().items():
        (ROOT / "config" / "schema" / name).write_text(text, encoding="utf-8")
