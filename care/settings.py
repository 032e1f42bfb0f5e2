"""Settings: one typed file, driven by the environment.

DATABASE_URL and REDIS_URL name the servers, SENTIMENT_MODEL a model of Hugging Face; every other name an installation
may set begins with RADD_ and stands in docs/operations.md with what it does.
"""

from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from care import environment as env
from care.logs import LOGGING  # noqa: F401  (Django reads it here)

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(env.text("RADD_HOME") or BASE_DIR / ".radd")

# --- the installation -----------------------------------------------------------------------------
DEBUG = env.flag("RADD_DEBUG")
SECRET_KEY = env.text("RADD_SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("RADD_SECRET_KEY is not set. `make run` makes one; in production set it yourself.")
# Channel credentials are encrypted with keys derived from SECRET_KEY and this salt (docs/operations.md: rotating).
SALT_KEY = env.words("RADD_SALT_KEY", "radd")
SECRET_KEY_FALLBACKS = env.words("RADD_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("RADD_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("RADD_TRUSTED_ORIGINS")
# True behind a proxy that speaks HTTPS to the browser: secure cookies, HSTS, redirects.
HTTPS = env.flag("RADD_HTTPS")
# Addresses or networks of proxies whose word on a visitor's address is taken.
TRUSTED_PROXIES = env.words("RADD_TRUSTED_PROXIES")

ROOT_URLCONF = "care.urls"
WSGI_APPLICATION = "care.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "encrypted_fields",
    "rest_framework",
    "rest_framework.authtoken",
    "accounts",
    "ingest",
    "tickets",
    "care",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.PersonalLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.second_step_owed.SecondStepMiddleware",
    "accounts.reckoning.PersonalTimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "care.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "care.templatetags.radd"],
        },
    }
]

DEFAULT_EXCEPTION_REPORTER = "care.discretion.Report"
DEFAULT_EXCEPTION_REPORTER_FILTER = "care.discretion.Discreet"

# --- data -----------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.config(
        default="postgres://radd@127.0.0.1:5432/radd", conn_max_age=60, conn_health_checks=True
    )
}
DATABASES["default"].setdefault("OPTIONS", {})
REDIS_URL = env.text("REDIS_URL") or "redis://127.0.0.1:6379/0"
# Several installations or test workers may share one server: every key and Redis channel begins with this.
REDIS_PREFIX = env.text("RADD_REDIS_PREFIX", "radd")

# --- work queue: the database is the queue of record, Celery the doorbell -------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{REDIS_PREFIX}:",
    "visibility_timeout": 600,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 20,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "triage"
CELERY_TASK_ROUTES = {
    "radd.collect": {"queue": "collect"},
    "radd.collect_due": {"queue": "collect"},
    "radd.take_in": {"queue": "collect"},
    "radd.surround": {"queue": "collect"},
    "radd.backfill": {"queue": "collect"},
    "radd.look_again": {"queue": "collect"},
    "radd.reconcile_due": {"queue": "collect"},
    "radd.reconcile": {"queue": "collect"},
    "radd.read": {"queue": "scoring"},
    "radd.read_shadow": {"queue": "shadow"},
    "radd.triage": {"queue": "triage"},
    "radd.route": {"queue": "triage"},
    "radd.hand_over": {"queue": "triage"},
    "radd.settle": {"queue": "triage"},
    "radd.wake": {"queue": "triage"},
    "radd.surges": {"queue": "triage"},
    "radd.deliver": {"queue": "delivery"},
    # A few rows a second, and not to wait behind a burst that is being triaged.
    "radd.alarms": {"queue": "delivery"},
    "radd.approvals": {"queue": "delivery"},
    "radd.tell": {"queue": "delivery"},
}
CELERY_TIMEZONE = "UTC"
# Sweeps carry on whatever a lost doorbell or a killed process left. `expires` keeps them from piling up.
CELERY_BEAT_SCHEDULE = {
    # What it waits for comes on top of a channel's own interval.
    "collect due channels": {"task": "radd.collect_due", "schedule": 1.0, "options": {"expires": 1}},
    "sweep events told by webhook": {"task": "radd.take_in", "schedule": 5.0, "options": {"expires": 5}},
    "ask for threads": {"task": "radd.surround", "schedule": 15.0, "options": {"expires": 15}},
    "read the past": {"task": "radd.backfill", "schedule": 10.0, "options": {"expires": 10}},
    "forget old events": {"task": "radd.prune_events", "schedule": 3600.0, "options": {"expires": 600}},
    "sweep unread messages": {"task": "radd.read", "schedule": 5.0, "options": {"expires": 5}},
    "let a challenger read": {"task": "radd.read_shadow", "schedule": 10.0, "options": {"expires": 10}},
    "sweep untriaged messages": {"task": "radd.triage", "schedule": 5.0, "options": {"expires": 5}},
    "take note of words": {"task": "radd.index", "schedule": 5.0, "options": {"expires": 5}},
    "tell of clocks": {"task": "radd.alarms", "schedule": 1.0, "options": {"expires": 1}},
    "tell of answers that wait": {"task": "radd.approvals", "schedule": 5.0, "options": {"expires": 5}},
    "tell people of their tickets": {"task": "radd.tell", "schedule": 5.0, "options": {"expires": 5}},
    "mail notices": {"task": "radd.mail_notices", "schedule": 900.0, "options": {"expires": 600}},
    "go up chains": {"task": "radd.escalate", "schedule": 5.0, "options": {"expires": 5}},
    "set clocks anew": {"task": "radd.retarget", "schedule": 900.0, "options": {"expires": 300}},
    "drain waiting tickets": {"task": "radd.route", "schedule": 15.0, "options": {"expires": 15}},
    "hand over for who is away": {"task": "radd.hand_over", "schedule": 15.0, "options": {"expires": 15}},
    "sweep the outbox": {"task": "radd.deliver", "schedule": 3.0, "options": {"expires": 3}},
    "settle finished deliveries": {"task": "radd.settle", "schedule": 5.0, "options": {"expires": 5}},
    "go on with bulk work": {"task": "radd.bulk", "schedule": 5.0, "options": {"expires": 5}},
    "go on with incident updates": {"task": "radd.incident_updates", "schedule": 5.0, "options": {"expires": 5}},
    "look for alike tickets": {"task": "radd.surges", "schedule": 60.0, "options": {"expires": 60}},
    "wake snoozed tickets": {"task": "radd.wake", "schedule": 5.0, "options": {"expires": 5}},
    "close old resolved tickets": {"task": "radd.close_resolved", "schedule": 3600.0, "options": {"expires": 600}},
    "look at posts of open tickets again": {"task": "radd.look_again", "schedule": 60.0, "options": {"expires": 60}},
    "reconcile": {"task": "radd.reconcile_due", "schedule": 300.0, "options": {"expires": 300}},
    "forget unsent pictures": {"task": "radd.sweep_pictures", "schedule": 3600.0, "options": {"expires": 600}},
    "erase removed channels": {"task": "radd.erase", "schedule": 30.0, "options": {"expires": 30}},
    "watch channels": {"task": "radd.watch_channels", "schedule": 120.0, "options": {"expires": 120}},
    "measure drift": {"task": "radd.measure_drift", "schedule": 3600.0, "options": {"expires": 600}},
    "draw work to review": {"task": "radd.sample_reviews", "schedule": 21600.0, "options": {"expires": 3600}},
}

# --- reading, triage, routing (docs/triage.md explains each) --------------------------------------
READER = env.reader()
READ_BATCH = env.whole("RADD_READ_BATCH", 256, least=1)
READ_ATTEMPTS = env.whole("RADD_READ_ATTEMPTS", 3, least=1)
READ_LEASE = timedelta(seconds=env.whole("RADD_READ_LEASE_SECONDS", 120, least=5))
# Messages a challenger reads at a time: live reading waits for no more than these.
SHADOW_BATCH = env.whole("RADD_SHADOW_BATCH", 32, least=1)
TRIAGE_BATCH = env.whole("RADD_TRIAGE_BATCH", 200, least=1)
TRIAGE_ATTEMPTS = env.whole("RADD_TRIAGE_ATTEMPTS", 5, least=1)
TRIAGE_NEGATIVE = env.number("RADD_TRIAGE_NEGATIVE", 0.42)
TRIAGE_UNSURE = env.number("RADD_TRIAGE_UNSURE", 0.5)
# Empty for the reader's own threshold.
TRIAGE_FOLLOW_UP = env.share("RADD_TRIAGE_FOLLOW_UP")
REOPEN_WITHIN = timedelta(days=env.number("RADD_REOPEN_DAYS", 7))
# Minutes a customer should wait for our next answer, by urgency. Business hours and policies come with SLA policies.
ANSWER_WITHIN = {
    "high": timedelta(minutes=env.number("RADD_ANSWER_MINUTES_HIGH", 15)),
    "normal": timedelta(minutes=env.number("RADD_ANSWER_MINUTES_NORMAL", 60)),
    "low": timedelta(minutes=env.number("RADD_ANSWER_MINUTES_LOW", 240)),
}
# An answered ticket wants a look again after this long without a word from the customer.
FOLLOW_UP_AFTER = timedelta(hours=env.number("RADD_FOLLOW_UP_HOURS", 24))
DEFAULT_CAPACITY = env.whole("RADD_DEFAULT_CAPACITY", 10, least=1)
# Solved tickets of each person that are drawn for review in seven days; 0: only when a supervisor asks.
REVIEWS_PER_WEEK = env.whole("RADD_REVIEWS_PER_WEEK", 3, least=0)

# A search that takes longer than this is given up, and says so.
SEARCH_MILLISECONDS = env.whole("RADD_SEARCH_MILLISECONDS", 2000, least=100)

# --- the outside world ----------------------------------------------------------------------------
COLLECT_LEASE = timedelta(seconds=env.whole("RADD_COLLECT_LEASE_SECONDS", 120, least=5))
DELIVERY_LEASE = timedelta(seconds=env.whole("RADD_DELIVERY_LEASE_SECONDS", 90, least=5))
# Of one channel; fewer than a worker has threads, or a platform that stalls holds up everything else.
DELIVERIES_AT_ONCE = env.whole("RADD_DELIVERIES_AT_ONCE", 2, least=1)
DELIVERY_ATTEMPTS = env.whole("RADD_DELIVERY_ATTEMPTS", 8, least=1)
# Seconds during which a sent answer can still be taken back.
UNDO_SECONDS = env.number("RADD_UNDO_SECONDS", 10)
# Posts that one long answer may become, where the platform has threads; 1: it is never split.
MOST_PARTS = env.whole("RADD_MOST_PARTS", 10, least=1)
# Of one file of a picture as it is uploaded: its bytes, and the pixels it may unfold to.
PICTURE_BYTES = env.whole("RADD_PICTURE_BYTES", 15_000_000, least=1024)
PICTURE_PIXELS = env.whole("RADD_PICTURE_PIXELS", 50_000_000, least=1024)
PLATFORM_TIMEOUT = env.number("RADD_PLATFORM_TIMEOUT", 15, least=1)
# What translates messages for those who read: libretranslate, or a dotted path. Empty: no text leaves the desk.
TRANSLATOR = env.text("RADD_TRANSLATOR")
TRANSLATOR_URL = env.text("RADD_TRANSLATOR_URL")
TRANSLATOR_KEY = env.text("RADD_TRANSLATOR_KEY")
# A price list in place of ingest/prices.toml.
PRICES_FILE = env.text("RADD_PRICES_FILE")
# Bytes of a webhook call's body.
WEBHOOK_BODY_LIMIT = env.whole("RADD_WEBHOOK_BODY_LIMIT", 1_048_576, least=1024)
EVENT_ATTEMPTS = env.whole("RADD_EVENT_ATTEMPTS", 5, least=1)
# Raw events taken in longer ago than this are forgotten; told again after that, their posts are still known.
EVENT_KEEP = timedelta(days=env.number("RADD_EVENT_DAYS", 14, least=1))
# For how long after it opened a ticket a message's thread is asked for, and how often a thread is at most.
SURROUND_WITHIN = timedelta(hours=env.number("RADD_SURROUND_HOURS", 24, least=1))
SURROUND_EVERY = timedelta(minutes=env.number("RADD_SURROUND_MINUTES", 60, least=1))
# The past is read only while fewer messages than this wait for the reader.
BACKFILL_UNREAD = env.whole("RADD_BACKFILL_UNREAD", 500, least=1)
BACKFILL_ATTEMPTS = env.whole("RADD_BACKFILL_ATTEMPTS", 8, least=1)
# A post stored later than this after it was posted came late.
LATE_AFTER = timedelta(minutes=env.number("RADD_LATE_MINUTES", 10, least=1))
# Whom notices about ill channels come from, and the server that sends them; without one they only stand on the page.
DEFAULT_FROM_EMAIL = env.text("RADD_MAIL_FROM", "radd@localhost")
EMAIL_HOST = env.text("RADD_MAIL_HOST")
EMAIL_PORT = env.whole("RADD_MAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("RADD_MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("RADD_MAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("RADD_MAIL_TLS", default=True)
EMAIL_TIMEOUT = 15
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"

# --- people and sessions --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "inbox"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AXES_FAILURE_LIMIT = 5
AXES_USERNAME_FORM_FIELD = "username"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- language and time ----------------------------------------------------------------------------
USE_I18N = True
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("RADD_TIME_ZONE", "Asia/Riyadh")

# --- files and headers ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Without a collectstatic step (make run) the files are served from where they lie; production serves hashed names.
STATIC_COLLECTED = env.flag("RADD_STATIC_COLLECTED")
STATIC_ROOT = Path(env.text("RADD_STATIC_ROOT") or BASE_DIR / "staticfiles") if STATIC_COLLECTED else None
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# The live stream is its own small process. Behind a proxy it is /live/ of the same origin; `make run` names its port.
LIVE_PORT = env.whole("RADD_LIVE_PORT", 0)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        # Tabler's form controls carry their arrows as data: images; nothing inline runs.
        "img-src": [SELF, "data:", "https:"],
        "style-src": [SELF],
        "connect-src": [SELF, *([f"http://*:{LIVE_PORT}"] if LIVE_PORT else [])],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# A form with more than a few pictures is refused before it is read.
FILE_UPLOAD_HANDLERS = [
    "care.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Radd API",
    "DESCRIPTION": "Tickets, messages and channels of a Radd care desk. The verbs are those of the pages.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStateEnum": "ingest.models.delivery.Delivery.State",
        "NoticeWayEnum": "tickets.news.notice_wishes.WAYS",
    },
}
