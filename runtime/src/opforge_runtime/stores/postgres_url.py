"""Where a PostgreSQL store is: its URL, taken apart so that no password is ever shown.

```text
postgresql://user:password@host:5432/database?schema=opforge&sslmode=require
```

is libpq's own form, with one parameter more: `schema`, where the tables stand. What the URL leaves out comes
from libpq's environment variables, password file and service file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from opforge_ir.codes.store import E_STORE_URL

__all__ = ["PostgresTarget", "read_postgres_url"]

_KNOWN: Final = "postgresql://USER@HOST:PORT/DATABASE?schema=NAME"
_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,47}")
_DEFAULT_SCHEMA: Final = "opforge"

_DEFAULTS: Final[dict[str, str | int]] = {
    "client_encoding": "utf8",
    "fallback_application_name": "opforge",
    "connect_timeout": 10,
    # A host that went away without a word is noticed within about half a minute.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""What holds where the URL says nothing."""


@dataclass(frozen=True, slots=True)
class PostgresTarget:
    """What to connect to."""

    conninfo: str = field(repr=False)
    """For libpq; holds the password."""
    schema: str
    name: str
    """How the store is called in errors: host, port, database and schema."""


def read_postgres_url(url: str) -> PostgresTarget:
    """Take a URL apart. Raises DiagnosticError (E_STORE_URL), which does not repeat it."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        # Without the cause, which may show parts of the URL.
        raise E_STORE_URL.error(problem="it is not a URL", known=_KNOWN) from None
    schema = dict(query).get("schema", _DEFAULT_SCHEMA)
    if not _SCHEMA.fullmatch(schema):
        problem = "the schema is not a name of lower-case letters, digits and _"
        raise E_STORE_URL.error(problem=problem, known=_KNOWN)
    rest = urlencode([(name, value) for name, value in query if name != "schema"], quote_via=quote)
    try:
        given = conninfo_to_dict(urlunsplit(parts._replace(query=rest)))
    except psycopg.ProgrammingError:
        raise E_STORE_URL.error(problem="PostgreSQL does not understand it", known=_KNOWN) from None
    host, port, database = (str(given.get(key) or "") for key in ("host", "port", "dbname"))
    place = f"{quote(host)}{':' * bool(port)}{port}/{quote(database)}"
    name = f"postgresql://{place}" + (f"?schema={schema}" if schema != _DEFAULT_SCHEMA else "")
    return PostgresTarget(make_conninfo("", **(_DEFAULTS | given)), schema, name)
