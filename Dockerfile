# One image for web, worker, beat and migrations; docker-compose.yml says which.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 VAR_DIR=/var/lib/zaixue

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin zaixue \
    && install -d -o zaixue -g zaixue -m 0750 /var/lib/zaixue /var/lib/zaixue/uploads

WORKDIR /app
COPY requirements-server.txt .
RUN pip install --require-hashes -r requirements-server.txt

COPY manage.py gunicorn.conf.py ./
COPY config config
COPY apps apps
COPY templates templates
COPY static static
COPY fixtures fixtures

# Reading a file starts a process of its own: it must not compile the program first.
RUN python -m compileall -q apps

# Static files are part of the image; the key used here signs nothing.
ENV STATIC_DIR=/app/staticfiles
RUN SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput

USER zaixue
VOLUME /var/lib/zaixue
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "4", "--access-logfile", "-"]
