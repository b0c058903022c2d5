"""Every variable the product reads from its environment: name, default, one line of meaning."""

from __future__ import annotations

import sys
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
# Commands that create or change tables; everything else works as the role that owns nothing.
OWNER_COMMANDS = frozenset({"migrate", "makemigrations", "sqlmigrate", "demo_data", "demo_reset", "flush", "grant_web"})

env = environ.Env()
environ.Env.read_env(ROOT / ".env")

DEBUG = env.bool("DEBUG", default=False)  # show error pages and the style guide
SECRET_KEY = env("SECRET_KEY", default="")  # signs sessions; the embedded default keeps one in var/secret_key
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])  # names the site answers to
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])  # https origins behind a proxy
DATABASE_URL = env("DATABASE_URL", default="")  # the role of web and workers, owns nothing; empty: embedded PostgreSQL
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", default="")  # the role that owns the tables: migrations and loading
REDIS_URL = env("REDIS_URL", default="")  # broker of Celery; empty: embedded Valkey
VAR_DIR = Path(env("VAR_DIR", default=str(ROOT / "var")))  # data of the embedded servers, uploads, logs
UPLOAD_DIR = Path(env("UPLOAD_DIR", default=str(VAR_DIR / "uploads")))  # uploaded files, never under the web root
STATIC_DIR = Path(env("STATIC_DIR", default=str(VAR_DIR / "static")))  # where collectstatic puts scripts and styles
EMBEDDED_FSYNC = env.bool("EMBEDDED_FSYNC", default=True)  # off: faster, and the embedded data die with a power cut (tests)
DISTRICT_CODE = env("DISTRICT_CODE", default="530113")  # the district that commands work for: 昆明市东川区
PINNED_TODAY = env("ZAIXUE_TODAY", default="")  # YYYY-MM-DD: pretend that it is this day (demonstrations, tests)
CLOCK_SHIFT = env.int("ZAIXUE_CLOCK_SHIFT", default=0)  # seconds by which the product's clock is ahead of the machine's (set by `make demo`)
HTTPS = env.bool("HTTPS", default=False)  # cookies only over TLS, HSTS, redirect
WEB_STATEMENT_SECONDS = env.int("WEB_STATEMENT_SECONDS", default=30)  # a page's statement that takes longer is given up; 0: never

IS_WEB = env.bool("IS_WEB", default="gunicorn" in Path(sys.argv[0]).parts)  # this process answers browsers; workers and loading take their time
AS_OWNER = env.bool("AS_OWNER", default=len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS)  # use the owner's role
