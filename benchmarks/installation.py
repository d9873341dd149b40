"""A database and a folder for one benchmark, thrown away afterwards. Import before anything of Django.

BENCH_DATABASE_URL names an empty database to use instead of SQLite in a temporary folder.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

FOLDER = Path(tempfile.mkdtemp(prefix="procurement-bench-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "procurement.settings",
    "ENVIRONMENT": "local",
    "VAR_DIR": str(FOLDER),
    "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{FOLDER / 'bench.sqlite3'}",
}
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

call_command("migrate", verbosity=0)
call_command("setup", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
DATABASE = connection.vendor
