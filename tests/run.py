"""`make test`: the suite on SQLite and, where a server answers, what may differ by database on PostgreSQL, too.

`TEST_DATABASE_URL=postgres://... python -m pytest` runs all of it on PostgreSQL.

A server is the one TEST_DATABASE_URL names, else one on 127.0.0.1:5432 that lets user postgres in. With
REQUIRE_POSTGRESQL=1 a missing server is a failure instead of a shorter run.
"""

import os
import shlex
import subprocess
import sys

import psycopg

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/procurement"


def postgresql_url() -> str | None:
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    try:
        # The database of that name need not exist: the suite makes its own, named test_...
        psycopg.connect("postgres://postgres@127.0.0.1:5432/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return None
    return LOCAL_SERVER


def workers() -> str:
    """One more than cores, as tests wait for other processes; each begins with ten seconds of work for itself."""
    return str(min((os.cpu_count() or 2) + 1, 8))


def run(title: str, database_url: str, arguments: list[str]) -> int:
    print(f"\n== {title} ==", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", workers(), "--dist", "worksteal", *arguments]
    return subprocess.run(
        command, env=os.environ | {"TEST_DATABASE_URL": database_url}, check=False
    ).returncode


def main() -> int:
    arguments = sys.argv[1:] or shlex.split(os.environ.get("PYTEST_ARGS", ""))
    url = postgresql_url()
    if url is None and os.environ.get("REQUIRE_POSTGRESQL") == "1":
        print(
            "REQUIRE_POSTGRESQL=1, but no PostgreSQL server answers; set TEST_DATABASE_URL.", file=sys.stderr
        )
        return 2
    if url is None:
        print("No PostgreSQL server answers on 127.0.0.1:5432 and TEST_DATABASE_URL is not set: SQLite only.")
    codes = [run("The suite on SQLite", "", arguments)]
    if url is not None:
        codes.append(run("The suite on PostgreSQL", url, ["--database-only", *arguments]))
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
