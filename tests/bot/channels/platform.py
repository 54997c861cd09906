"""WeChat as the account's server sees it, written apart from our own code: signs, seals, pushes, opens answers."""

import base64
import hashlib
import os
import re
import struct
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

TOKEN, APP_ID, AES_KEY = "a-token", "wx1234567890abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT, PERSON = "gh_0123456789ab", "oChen-Bo_Shi"
_numbers = count(24_000_000_000_000_000)


def signed(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(plain: bytes, app_id: str = APP_ID, length: int | None = None) -> str:
    whole = (
        os.urandom(16) + struct.pack(">I", len(plain) if length is None else length) + plain + app_id.encode()
    )
    padder = PKCS7(256).padder()
    return encrypt_raw(padder.update(whole) + padder.finalize())


def encrypt_raw(padded: bytes) -> str:
    encryptor = _cipher().encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(encoded: str) -> bytes:
    decryptor = _cipher().decryptor()
    unpadder = PKCS7(256).unpadder()
    whole = unpadder.update(decryptor.update(base64.b64decode(encoded)) + decryptor.finalize())
    whole += unpadder.finalize()
    (length,) = struct.unpack(">I", whole[16:20])
    assert whole[20 + length :] == APP_ID.encode()
    return whole[20 : 20 + length]


def _cipher() -> Any:
    key = base64.b64decode(AES_KEY + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


@dataclass
class Platform:
    """`safe` as the account is set: pushes are sealed, and so must be the answers."""

    safe: bool = False
    now: float = field(default_factory=time.time)

    def query(self, nonce: str = "", **more: str) -> dict[str, str]:
        stamp, nonce = str(int(self.now)), nonce or str(next(_numbers))
        return {"signature": signed(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce, **more}

    def push(self, xml: str | bytes, nonce: str = "") -> tuple[dict[str, str], bytes]:
        query, body = self.query(nonce), xml.encode() if isinstance(xml, str) else xml
        return self.sealed(query, encrypt(body)) if self.safe else (query, body)

    def sealed(self, query: dict[str, str], encrypted: str) -> tuple[dict[str, str], bytes]:
        signature = signed(TOKEN, query["timestamp"], query["nonce"], encrypted)
        query = {**query, "encrypt_type": "aes", "msg_signature": signature}
        return query, f"<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()

    def answer(self, body: str) -> dict[str, str]:
        """What the person would see; fails on whatever the platform would not take."""
        root = ElementTree.fromstring(body)
        if self.safe:
            seal = {one.tag: one.text or "" for one in root}
            assert seal["MsgSignature"] == signed(TOKEN, seal["TimeStamp"], seal["Nonce"], seal["Encrypt"])
            root = ElementTree.fromstring(decrypt(seal["Encrypt"]))
        fields = {one.tag: one.text or "" for one in root}
        assert fields["ToUserName"] == PERSON
        assert fields["FromUserName"] == ACCOUNT
        assert re.fullmatch(r"\d{9,10}", fields["CreateTime"])
        assert len(fields["Content"].encode()) <= 2047
        return fields

    def message(self, kind: str = "text", person: str = PERSON, **fields: str) -> str:
        fields.setdefault("MsgId", str(next(_numbers)))
        return self._xml(kind, person, fields)

    def event(self, event: str, person: str = PERSON, **fields: str) -> str:
        return self._xml("event", person, {"Event": event, **fields})

    def _xml(self, kind: str, person: str, fields: dict[str, str]) -> str:
        fields = {
            "ToUserName": ACCOUNT,
            "FromUserName": person,
            "CreateTime": str(int(self.now)),
            "MsgType": kind,
            **fields,
        }
        return (
            f"<xml>{''.join(f'<{name}><![CDATA[{text}]]></{name}>' for name, text in fields.items())}</xml>"
        )
