"""Settings, one file, all choices from the environment (config/env.py)."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

import environ
from csp.constants import NONE, SELF

from config import env as e

ROOT = e.ROOT
DEBUG = e.DEBUG
ALLOWED_HOSTS = e.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = e.CSRF_TRUSTED_ORIGINS
VAR_DIR = e.VAR_DIR
UPLOAD_DIR = e.UPLOAD_DIR
DISTRICT_CODE = e.DISTRICT_CODE
PINNED_TODAY = date.fromisoformat(e.PINNED_TODAY) if e.PINNED_TODAY else None
CLOCK_SHIFT = timedelta(seconds=e.CLOCK_SHIFT)


def kept_secret() -> str:
    """The signing key of an installation without SECRET_KEY: made once, kept in var/ with mode 0600."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = e.SECRET_KEY or kept_secret()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "import_export",
    "apps.core",
    "apps.audit",
    "apps.schools",
    "apps.accounts",
    "apps.notices",
    "apps.students",
    "apps.registers",
    "apps.attendance",
    "apps.reconciliation",
    "apps.cases",
    "apps.reporting",
    "apps.dashboards",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.core.middleware.WhereToGo",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.core.middleware.NotTooMuch",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.core.middleware.NoNulCharacters",
    "apps.core.middleware.TooLong",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.accounts.middleware.ActingPost",
    "apps.accounts.middleware.OneSubmission",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csrf",
            ],
            "builtins": ["apps.core.templatetags.zaixue"],
        },
    },
]


def database(url: str, *, user: str) -> dict[str, object]:
    """One connection: a real server by URL, or the embedded one as ``user`` (config/embedded.py starts it at first use)."""
    checked = {"CONN_HEALTH_CHECKS": True, "OPTIONS": {"pool": POOL, **PREPARING}}  # a restarted server costs no request
    if url:
        named = environ.Env.db_url_config(url)
        options = {**PREPARING, **named.get("OPTIONS", {}), "pool": POOL}  # what follows the ?, sslmode above all, holds
        return {**named, **checked, "OPTIONS": options}
    return {
        "ENGINE": "config.embedded_backend",
        "NAME": "zaixue",
        "USER": user,
        "HOST": "",  # set when the server is up
        **checked,
    }


POOL = {"min_size": 0, "max_size": 8, "timeout": 20}
# Nobody waits longer for a page, and no page holds a connection of the pool longer; the page says so (apps/core/middleware.py).
GIVING_UP = f" -c statement_timeout={e.WEB_STATEMENT_SECONDS}s" if e.IS_WEB else ""
PREPARING = {"prepare_threshold": 0, "options": f"-c plan_cache_mode=force_generic_plan -c jit=off{GIVING_UP}"}  # for apps/core/prepared.py alone
EMBEDDED_DATABASE = not e.DATABASE_URL
EMBEDDED_REDIS = not e.REDIS_URL
OWNER_ROLE, WEB_ROLE = "zaixue_owner", "zaixue_web"
DATABASES = {"default": database(e.DATABASE_OWNER_URL or e.DATABASE_URL, user=OWNER_ROLE) if e.AS_OWNER else database(e.DATABASE_URL, user=WEB_ROLE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.accounts.queries.Known"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "apps.core.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = "apps.accounts.queries.failure_limit"  # the number stands in the policy of the district
AXES_COOLOFF_TIME = "apps.accounts.queries.lock_time"  # so does this one
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]  # never written down with a failure
AXES_ENABLE_ADMIN = False

SESSION_ENGINE = "apps.core.sessions"  # in the database: a flushed Redis logs nobody out
SESSION_COOKIE_AGE = 12 * 3600
SUBMISSION_DAYS = 30  # how long the key of a form taken is remembered, against sending it twice
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = e.HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if e.HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if e.HTTPS else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "apps.core.pages.expired"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = e.STATIC_DIR
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": UPLOAD_DIR}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
UPLOAD_MAX_BYTES = 60 << 20
SENT_MAX_BYTES = 210 << 20  # the largest form: ten recordings of 20 MB (apps/core/proofs.py)
STRANGER_MAX_BYTES = 64 << 10  # of who is not logged in: a name, a password

IMPORT_EXPORT_USE_TRANSACTIONS = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = ["axes.W003"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.HidingFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # The handlers that Django and Celery bring along write unmasked, and mail whole requests.
    "loggers": {
        "django": {"handlers": [], "level": "INFO" if DEBUG else "WARNING"},
        **{name: {"handlers": ["console"], "level": "INFO", "propagate": False} for name in ("django.server", "celery.task", "multiprocessing")},
    },
}
