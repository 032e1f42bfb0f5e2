"""Logs: one structured line an event. Readable on a terminal, JSON where RADD_LOG_JSON is set."""

import logging
from typing import Any

import structlog

from care import environment as env
from ingest.cleaning import without_secrets

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_RENDERER: Any = (
    structlog.processors.JSONRenderer()
    if env.flag("RADD_LOG_JSON")
    else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)
)

structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    cache_logger_on_first_use=True,
)

# Libraries that write down addresses and heads of requests, what signatures are made of, or mails.
_TALKATIVE = ("httpcore", "httpx", "imapclient", "oauthlib", "requests_oauthlib", "tweepy", "urllib3", "websockets")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "radd": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if not env.flag("RADD_LOG_JSON") else [structlog.processors.format_exc_info]),
                _RENDERER,
                # Last: what a library puts into an exception stands in its traceback as well.
                lambda _logger, _method, line: without_secrets(line),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "radd"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.worker.strategy": {"level": "WARNING"},
        # A sweep that came too late for its turn is dropped: the next one is already there.
        "celery.worker.request": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        **{name: {"level": "WARNING"} for name in _TALKATIVE},
    },
}
