"""What each supplier protocol can do, as a table made from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from suppliers.connectors.matrix import matrix_text

PAGE = Path(settings.BASE_DIR) / "docs" / "connectors" / "README.md"


class Command(BaseCommand):
    help = "What each supplier protocol can do. Prints the table, or writes it to docs/connectors/README.md."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write it to docs/connectors/README.md.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            PAGE.write_text(matrix_text(), encoding="utf-8")
        else:
            self.stdout.write(matrix_text(), ending="")
