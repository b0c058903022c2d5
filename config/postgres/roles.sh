#!/bin/sh
# Run once by the PostgreSQL image in an empty volume: the owner of the tables, and the web's role, which owns nothing.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v owner_password="$OWNER_PASSWORD" -v web_password="$WEB_PASSWORD" <<'SQL'
CREATE ROLE zaixue_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE zaixue_web LOGIN PASSWORD :'web_password';
CREATE DATABASE zaixue OWNER zaixue_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE zaixue FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE zaixue TO zaixue_web;
SQL
