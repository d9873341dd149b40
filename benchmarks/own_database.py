"""A PostgreSQL database for one benchmark, made at import and dropped at the end. Import before `installation`.

BENCH_DATABASE_URL names any database of a server on which we may make another; without it the server on this machine
that lets user postgres in is taken.
"""

import atexit
import os
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
SERVER = os.environ.get("BENCH_DATABASE_URL") or LOCAL_SERVER
NAME = f"procurement_bench_{os.getpid()}"


def _execute(command: str) -> None:
    with psycopg.connect(SERVER, autocommit=True, connect_timeout=5) as server:
        server.execute(sql.SQL(command).format(sql.Identifier(NAME)))


def _drop() -> None:
    if os.getpid() == OWNER:  # not where a worker ends that was forked from us
        _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)")


OWNER = os.getpid()
try:
    _execute("CREATE DATABASE {}")
except psycopg.OperationalError as error:
    ANSWERS, WHY_NOT = False, str(error).strip()
else:
    ANSWERS, WHY_NOT = True, ""
    atexit.register(_drop)
    os.environ["BENCH_DATABASE_URL"] = urlsplit(SERVER)._replace(path=f"/{NAME}").geturl()
