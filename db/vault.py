"""What is personal leaves memory only sealed: AES-GCM for text, keyed hashes where a value must be found again."""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
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
        nonce = os.urandom(_NONCE)
        return nonce + self._seals[0].encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        for seal in self._seals:
            try:
                return seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
            except (InvalidTag, ValueError):
                continue
        raise Unreadable("no key opens it")

    def seal_json(self, value: Any) -> bytes:
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def open_json(self, sealed: bytes) -> Any:
        return json.loads(self.open(sealed))

    def mark(self, text: str) -> str:
        """The same text gives the same mark, and nobody without the key can tell which."""
        return hmac.new(self._mark_key, text.encode(), hashlib.sha256).hexdigest()[:40]

    def sign(self, text: str) -> str:
        return hmac.new(self._sign_key, text.encode(), hashlib.sha256).hexdigest()[:40]

    def signed(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, None, b"youcai " + purpose).derive(key.encode())
