"""The key that seals what is personal: from the settings, else made once and kept beside the database."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from db.files import whole
from db.vault import Vault, new_key


def open_vault(keys: Sequence[str], data_dir: Path) -> Vault:
    """Without keys in the settings: those in `secret.key`, a file that only its owner can read."""
    return Vault(keys_in_use(keys, data_dir))


def keys_in_use(keys: Sequence[str], data_dir: Path) -> list[str]:
    return list(keys) or _kept(key_file(data_dir))


def key_file(data_dir: Path) -> Path:
    return data_dir / "secret.key"


@contextmanager
def keys_in_place(keys: Sequence[str], data_dir: Path, stamp: str) -> Iterator[None]:
    """Kept beside the database. Other ones that were there go aside, and come back if something goes wrong now."""
    file = key_file(data_dir)
    before = file.read_bytes() if file.exists() else None
    if before is not None and not others_kept(keys, data_dir):
        yield
        return
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = file.with_name(f"{file.name}.{stamp}")
    try:
        if before is not None:
            _write(aside, before)
        _write(file, "".join(f"{key}\n" for key in keys).encode())
        yield
    except BaseException:
        os.replace(aside, file) if aside.exists() else file.unlink(missing_ok=True)
        raise


def others_kept(keys: Sequence[str], data_dir: Path) -> bool:
    """Whether keys stand there that are not these."""
    file = key_file(data_dir)
    return file.exists() and _read(file) != list(keys)


def _write(file: Path, content: bytes) -> None:
    with whole(file) as opened:
        opened.write(content)


def _kept(file: Path) -> list[str]:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(new_key() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return _read(file)


def _read(file: Path) -> list[str]:
    """One in each line. They may have been in the settings before, so there can be spaces in them."""
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    return [line.strip() for line in lines if line.strip()]
