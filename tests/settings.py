"""Settings of the test suite: the project's own, on a database and a folder that nobody else uses.

SQLite unless TEST_DATABASE_URL names a PostgreSQL server. The environment is set before the project's
settings are read, so that processes started by a test see the same.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

worker = os.environ.get("PYTEST_XDIST_WORKER", "")
# The workers of pytest-xdist inherit the folder and leave removing it to the process that made it.
if not worker:
    os.environ["TEST_VAR_DIR"] = tempfile.mkdtemp(prefix="procurement-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_VAR_DIR"], ignore_errors=True)
var_dir = Path(os.environ["TEST_VAR_DIR"]) / (worker or "main")
(var_dir / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing folder

os.environ |= {
    "ENVIRONMENT": "local",
    "DEBUG": "false",
    "VAR_DIR": str(var_dir),
    "STATIC_ROOT": str(var_dir / "static"),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{var_dir / 'local.sqlite3'}",
    "CONN_MAX_AGE": "0",  # a connection that a thread left open keeps PostgreSQL from dropping the database
}
for name in ("SECRET_KEY", "CREDENTIAL_KEYS", "ALLOWED_HOSTS", "PUBLIC_URL"):
    os.environ.pop(name, None)

from procurement.settings import *  # noqa: E402, F403
from procurement.settings import DATABASES, SQLITE, STORAGES  # noqa: E402

if SQLITE:
    # A file, as in real use: an in-memory database shared by threads locks whole tables and knows no timeout.
    DATABASES["default"]["TEST"] = {"NAME": str(var_dir / "test.sqlite3")}
else:
    # Nothing here has to survive a power cut, and waiting for the disk at every commit is most of a test's time.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SUPPLIER_MOST_AT_ONCE = 100  # the races want as many at once as they can get
