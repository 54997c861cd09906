"""What is personal leaves memory only sealed: AES-GCM for text, keyed hashes where a value must be found again."""

import base64
import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_DRAWN = (
    4_096  # random bytes fetched at a time: asking the system for twelve costs as much as sealing with them
)
_KEY = 32


class Unreadable(Exception):
    """Sealed with a key that is not in `secret_keys`, or changed since."""


def new_key() -> str:
    """32 random bytes as text, for `service.secret_keys`."""
    return base64.urlsafe_b64encode(os.urandom(_KEY)).decode()


class Vault:
    """The first key seals; all of them open, so that keys can be changed without a break.

    Marks and signatures always come from the last (oldest) key: they must not change when a newer one is put first.
    """

    def __init__(self, keys: Sequence[str]):
        if not keys or any(len(key) < 16 for key in keys):
            raise ValueError("a secret key has at least 16 characters")
        self._seals = [AESGCM(_derive(key, b"seal")) for key in keys]
        self._mark_key = _derive(keys[-1], b"mark")
        self._sign_key = _derive(keys[-1], b"sign")
        self.audit_key = _derive(keys[-1], b"audit")

    def seal(self, text: str) -> bytes:
        return self._sealed(text.encode())

    def open(self, sealed: bytes) -> str:
        return self._opened(sealed).decode()

    def _sealed(self, content: bytes) -> bytes:
        nonce = random_bytes(_NONCE)
        return nonce + self._seals[0].encrypt(nonce, content, None)

    def _opened(self, sealed: bytes) -> bytes:
        for seal in self._seals:
            try:
                return seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
            except (InvalidTag, ValueError):
                continue
        raise Unreadable("no key opens it")

    def seal_json(self, value: Any) -> bytes:
        return self._sealed(orjson.dumps(value))

    def open_json(self, sealed: bytes) -> Any:
        return orjson.loads(self._opened(sealed))

    def mark(self, text: str) -> str:
        """The same text gives the same mark, and nobody without the key can tell which."""
        return hashlib.blake2b(text.encode(), key=self._mark_key, digest_size=20).hexdigest()

    def sign(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._sign_key, digest_size=20).hexdigest()

    def signed(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


class _Pool:
    """Random bytes fetched ahead. A forked process starts with an empty one: no nonce is ever used twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._at = 0
        os.register_at_fork(after_in_child=self.__init__)  # type: ignore[misc]

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(max(_DRAWN, count)), 0
            self._at += count
            return self._bytes[self._at - count : self._at]


random_bytes = _Pool().take


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, None, b"youcai " + purpose).derive(key.encode())
