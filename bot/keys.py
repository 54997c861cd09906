"""The key that seals what is personal: from the settings, else made once and kept beside the database."""

import os
from collections.abc import Sequence
from pathlib import Path

from db.vault import Vault, new_key


def open_vault(keys: Sequence[str], data_dir: Path) -> Vault:
    """Without keys in the settings: those in `secret.key`, a file that only its owner can read."""
    return Vault(list(keys) or _kept(data_dir / "secret.key"))


def _kept(file: Path) -> list[str]:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").split()
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(new_key() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return file.read_text(encoding="ascii").split()
