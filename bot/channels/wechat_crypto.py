"""WeChat's signatures and its safe mode: who signed a push, what stands in it, and our answer sealed the same way."""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 32  # the platform pads to this, twice AES's own block
_HEAD = 20  # 16 random bytes, then the length of the text


class Unsigned(Exception):
    """Not from the platform: a signature is missing or wrong, or too old."""


class Undecipherable(Exception):
    """Signed, but no message of ours can be got out of it."""


def signature(*parts: str) -> str:
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def signed(given: str, *parts: str) -> bool:
    """In constant time; `given` may be anything that a stranger types."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), signature(*parts).encode())


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted answer with what stands around it."""

    text: str
    signature: str
    timestamp: str
    nonce: str


class SafeMode:
    """AES-256-CBC with the account's EncodingAESKey; every message names the account it is for."""

    def __init__(self, token: str, aes_key: str, app_id: str):
        self._token, self._app_id = token, app_id.encode()
        self._key = base64.b64decode(aes_key + "=")
        if len(self._key) != 32:
            raise ValueError("an EncodingAESKey has 43 characters of base64")

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
        """The XML inside. Raises Unsigned or Undecipherable."""
        if not signed(signature, self._token, timestamp, nonce, encrypted):
            raise Unsigned("msg_signature")
        padded = self._decrypted(encrypted)
        content = _without_padding(padded)
        (length,) = struct.unpack(">I", content[_HEAD - 4 : _HEAD])
        text, app_id = content[_HEAD : _HEAD + length], content[_HEAD + length :]
        if len(text) != length or not hmac.compare_digest(app_id, self._app_id):
            raise Undecipherable("for another account, or cut off")
        return text

    def seal(self, text: str, timestamp: str, nonce: str) -> Sealed:
        message = text.encode()
        content = os.urandom(16) + struct.pack(">I", len(message)) + message + self._app_id
        padding = _BLOCK - len(content) % _BLOCK
        encryptor = Cipher(AES(self._key), CBC(self._key[:16])).encryptor()
        encrypted = encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()
        encoded = base64.b64encode(encrypted).decode()
        return Sealed(encoded, signature(self._token, timestamp, nonce, encoded), timestamp, nonce)

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            raw = base64.b64decode(encrypted.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError) as error:
            raise Undecipherable("not base64") from error
        if len(raw) < _BLOCK or len(raw) % 16:
            raise Undecipherable("cut off")
        decryptor = Cipher(AES(self._key), CBC(self._key[:16])).decryptor()
        return decryptor.update(raw) + decryptor.finalize()


def _without_padding(padded: bytes) -> bytes:
    size = padded[-1]
    if not 1 <= size <= _BLOCK or padded[-size:] != bytes([size]) * size or len(padded) - size < _HEAD:
        raise Undecipherable("wrong padding")
    return padded[:-size]
