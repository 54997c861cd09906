"""The file of a backup: a ZIP of every table's rows, the keys, and last of all a manifest with checksums.

Its end is written last, so one that was cut short is none; and nothing in it is believed before all of it was read.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from sqlalchemy.orm import Session

from db import lines as rows_of
from db.lines import Shape
from db.migrate import knows, revision_of

Told = Callable[[int, int], None]  # so many rows of so many
_FORMAT = 1
_MANIFEST, _KEYS = "manifest.json", "keys.json"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, NotImplementedError)


class BadBackup(Exception):
    """No backup of ours, or not as it was written."""


class NewerBackup(Exception):
    """Made by a newer version of the service."""


@dataclass(frozen=True, slots=True)
class Rows:
    shape: Shape
    count: int
    checksum: str
    last_id: int | None


def write(session: Session, keys: Sequence[str], file: BinaryIO, now: datetime, told: Told) -> int:
    """Everything that this transaction sees. How many rows."""
    found = rows_of.shapes()
    total = sum(rows_of.count(session, shape) for shape in found)
    with zipfile.ZipFile(file, "w") as packed:
        tables, done = [], 0
        for shape in found:
            last, checksum, count = rows_of.last_id(session, shape), hashlib.sha256(), 0
            with packed.open(_member(_name(shape)), "w", force_zip64=True) as member:
                for bit in rows_of.lines(session, shape):
                    joined = b"".join(bit)
                    member.write(joined)
                    checksum.update(joined)
                    count, done = count + len(bit), done + len(bit)
                    told(done, total)
            tables.append(
                {
                    "name": shape.name,
                    "columns": shape.columns,
                    "rows": count,
                    "sha256": checksum.hexdigest(),
                    "last_id": last,
                }
            )
        written = orjson.dumps(list(keys))
        packed.writestr(_member(_KEYS), written)
        manifest = {
            "youcai": _FORMAT,
            "made_at": now,
            "revision": revision_of(session.connection()),
            "keys_sha256": hashlib.sha256(written).hexdigest(),
            "tables": tables,
        }
        packed.writestr(_member(_MANIFEST), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return done


class Backup:
    """One that is whole, of a version that we know. Raises BadBackup, NewerBackup or OSError; `with` closes it."""

    def __init__(self, file: Path, told: Told):
        self._opened = file.open("rb")
        try:
            self._packed = zipfile.ZipFile(self._opened)
            self._read(told)
        except _UNREADABLE as error:
            self._opened.close()
            raise BadBackup from error
        except BaseException:
            self._opened.close()
            raise

    def __enter__(self) -> "Backup":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def count(self) -> int:
        return sum(rows.count for rows in self.tables)

    def lines(self, rows: Rows) -> Iterable[bytes]:
        return self._packed.open(_name(rows.shape))

    def _read(self, told: Told) -> None:
        manifest: dict[str, Any] = orjson.loads(self._packed.read(_MANIFEST))
        if manifest["youcai"] > _FORMAT or not knows(manifest["revision"]):
            raise NewerBackup(manifest["revision"])
        self.made_at = datetime.fromisoformat(manifest["made_at"])
        self.revision: str = manifest["revision"]
        self.tables = tuple(_rows(one) for one in manifest["tables"])
        written = self._packed.read(_KEYS)
        if hashlib.sha256(written).hexdigest() != manifest["keys_sha256"]:
            raise BadBackup
        self.keys: list[str] = orjson.loads(written)
        done = 0
        for rows in self.tables:
            checksum, count = hashlib.sha256(), 0
            for bit in self._bits(rows):
                checksum.update(bit)
                count += bit.count(b"\n")
                told(done + count, self.count)
            done += count
            if (checksum.hexdigest(), count) != (rows.checksum, rows.count):
                raise BadBackup

    def _bits(self, rows: Rows) -> Iterator[bytes]:
        with self._packed.open(_name(rows.shape)) as member:
            while bit := member.read(1 << 20):
                yield bit


def _rows(written: dict[str, Any]) -> Rows:
    shape = Shape(written["name"], tuple((name, kind) for name, kind in written["columns"]))
    return Rows(shape, written["rows"], written["sha256"], written["last_id"])


def _name(shape: Shape) -> str:
    return f"rows/{shape.name}.jsonl"


def _member(name: str) -> zipfile.ZipInfo:
    """Quickly packed; whoever unpacks it by hand is the only one to read it."""
    member = zipfile.ZipInfo(name)
    member.compress_type, member._compresslevel = zipfile.ZIP_DEFLATED, 1  # type: ignore[attr-defined]
    member.external_attr = 0o600 << 16
    return member
