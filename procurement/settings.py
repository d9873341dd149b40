"""All settings. Every value can come from the environment (or a `.env` file); the defaults run on one machine
with nothing else installed. `ENVIRONMENT=production` has no default for a secret and refuses to start
without it. docs/operations.md lists the variables.
"""

import secrets
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):
    """Says which variable is wrong, where a bare conversion would only say what could not be converted."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError:
            raise ImproperlyConfigured(
                f"{var} must be of type {cast.__name__}; see docs/operations.md."
            ) from None


env = Environment()
env.read_env(str(BASE_DIR / ".env"))

ENVIRONMENT = env.str("ENVIRONMENT", default="local")
if ENVIRONMENT not in ("local", "production"):
    raise ImproperlyConfigured(f"ENVIRONMENT is {ENVIRONMENT!r}; expected 'local' or 'production'.")
PRODUCTION = ENVIRONMENT == "production"

# Everything this program writes on a single machine: database, local keys, sandbox ledgers.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))


def _secret(name: str, generate: str) -> str:
    """A secret from the environment; locally a value made once and kept in VAR_DIR,
    so no default key is ever public.
    """
    if PRODUCTION or name in env.ENVIRON:
        value = env.str(name, default="")
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set. Production does not start without it; see docs/operations.md."
            )
        return value
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / f"{name.lower()}.local"
    try:
        # "x": of two processes starting at once, one writes and both read the same.
        with path.open("x") as file:
            file.write(generate)
        path.chmod(0o600)
    except FileExistsError:
        pass
    value = path.read_text()
    if not value:  # the other process has made the file and not written it yet
        raise ImproperlyConfigured(f"{path} is empty; delete it and start again.")
    return value


SECRET_KEY = _secret("SECRET_KEY", secrets.token_urlsafe(50))
# Fernet keys for credentials at rest, newest first; `manage.py rotate_keys` re-encrypts with the first.
CREDENTIAL_KEYS = _secret("CREDENTIAL_KEYS", Fernet.generate_key().decode()).replace(" ", "").split(",")
for position, key in enumerate(CREDENTIAL_KEYS, start=1):
    try:
        Fernet(key)
    except ValueError:
        raise ImproperlyConfigured(
            f"Key {position} of {len(CREDENTIAL_KEYS)} in CREDENTIAL_KEYS is not a Fernet key "
            "(32 bytes in URL-safe base64); docs/operations.md says how to make one."
        ) from None

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Name the hosts this site answers for.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "procurement",
    "orders",
    "suppliers",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django_q",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # pages are private unless they say otherwise
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "orders.middleware.OrderErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "procurement.urls"
WSGI_APPLICATION = "procurement.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "procurement.context.chrome",
            ],
        },
    },
]

# ---- database ----------------------------------------------------------------------------------------------
# Persistent connections: enqueueing a job is several times faster, on SQLite and on PostgreSQL.
if PRODUCTION and not env.str("DATABASE_URL", default=""):
    raise ImproperlyConfigured(
        "DATABASE_URL is not set. Production does not fall back to a local SQLite file."
    )
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'procurement.sqlite3'}")}
if not DATABASES["default"].get("ENGINE"):
    raise ImproperlyConfigured(
        "DATABASE_URL is not the address of a database, such as postgres://user:password@host:5432/name."
    )
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if SQLITE:
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: take the write lock at BEGIN; a deferred transaction that upgrades fails at once with
        # "database is locked" instead of waiting.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- sign-in -----------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = 0.25  # hours
# Lock the pair, not the address alone: a whole office shares one address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# ---- transport security ------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # probes ask from inside, over plain HTTP
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# ---- pages -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False  # a stale manifest shows an old stylesheet instead of a 500
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # an order of thousands of lines posts its grid in one form

# ---- API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.BasicAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": ["orders.parsers.NestedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "orders.errors.api_exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Procurement",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.order.Status",
        "TransferStatus": "orders.models.transfer.TransferJob.Status",
        "PlanRunStatus": "procurement.models.PlanRun.Status",
    },
}

# ---- background jobs (why each value: docs/operations.md) --------------------------------------------------
Q_CLUSTER = {
    "name": "procurement",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": 2,  # retry counts from prefetch, so prefetch little
    "timeout": 60,
    "retry": 120,
    "max_attempts": 5,
    "save_limit": 0,  # the built-in pruning slows the queue; tasks.prune does it
    "poll": 0.2,
    "bulk": 1,
    "catch_up": False,
    "ack_failures": True,  # a failed wake-up is not repeated by the broker: the sweep finds its row
    "label": "Background jobs",
    "log_level": env.str("WORKER_LOG_LEVEL", default="WARNING"),
}

# ---- planning ------------------------------------------------------------------------------------------------
# A class that forecasts in place of ours, by its dotted name: docs/forecast.md. Empty: ours.
FORECASTER = env.str("FORECASTER", default="").strip()
# That it has for 4,096 items; then ours is used. No more than five minutes, or whoever waits for it would seem dead.
FORECASTER_SECONDS = min(env.int("FORECASTER_SECONDS", default=60), 300)

# ---- orders and suppliers ----------------------------------------------------------------------------------
# What other currencies are counted in, by dated exchange rates.
BASE_CURRENCY = env.str("BASE_CURRENCY", default="GBP").strip().upper()
# How long a plan asks suppliers again for prices and stock that are too old; a task ends after a minute.
PLAN_ASKS_SECONDS = env.int("PLAN_ASKS_SECONDS", default=15)
PRICE_ALERT_YEARLY = env.int("PRICE_ALERT_YEARLY", default=100)  # of the base currency, up or down
# How long a plan may search for the cheapest suppliers; a task that chooses them may take some minutes.
SOURCING_SECONDS = env.float("SOURCING_SECONDS", default=20)
EXCHANGE_RATE_DAYS = env.int("EXCHANGE_RATE_DAYS", default=7)  # an older one is not counted with
# Against the last one; beyond it a person looks
EXCHANGE_RATE_JUMP_PERCENT = env.int("EXCHANGE_RATE_JUMP_PERCENT", default=10)
# Four eyes: who edited an order last may not approve it.
ORDERS_FOUR_EYES = env.bool("ORDERS_FOUR_EYES", default=True)
TRANSFER_LEASE_SECONDS = env.int("TRANSFER_LEASE_SECONDS", default=90)
# Of a source that is read, from page to page
SOURCE_LEASE_SECONDS = env.int("SOURCE_LEASE_SECONDS", default=180)
# Of a periodic job, or a part of one; a task ends at 60
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=90)
TRANSFER_MAX_ATTEMPTS = env.int("TRANSFER_MAX_ATTEMPTS", default=8)
# Orders sent to one supplier at the same time: one worker stays free for the others.
SUPPLIER_MOST_AT_ONCE = env.int("SUPPLIER_MOST_AT_ONCE", default=max(1, env.int("WORKERS", default=2) - 1))
# Files that people load: where they are kept until they are pruned (the same folder for all processes), how large one
# may be, packed and unpacked, and how long it is kept with its preview and with what is needed to undo it.
FILES_DIR = Path(env.str("FILES_DIR", default=str(VAR_DIR / "files")))
FILE_MAX_BYTES = env.int("FILE_MAX_MB", default=200) * 1_000_000
FILE_MAX_UNPACKED_BYTES = env.int("FILE_MAX_UNPACKED_MB", default=2_000) * 1_000_000
FILE_KEEP_DAYS = env.int("FILE_KEEP_DAYS", default=30)
# Folders of this machine that files are fetched from lie below it; none does until it is set up.
DROP_DIR = Path(env.str("DROP_DIR", default=str(VAR_DIR / "drop")))
CALLBACK_MAX_BYTES = env.int("CALLBACK_MAX_BYTES", default=256 * 1024)
# How long the link in an order by mail stays open.
SUPPLIER_LINK_DAYS = env.int("SUPPLIER_LINK_DAYS", default=60)
# Where suppliers reach us; also printed on the supplier's page for copying.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")

# ---- mail to our own people --------------------------------------------------------------------------------
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:  # files, so that nothing leaves a machine that nobody has set up for mail
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 15  # seconds; a task is ended after a minute
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Procurement <procurement@localhost>")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"addresses": {"()": "procurement.log_filters.AddressesCut"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["addresses"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
