"""Who somebody is on the web chat: a random address in a signed cookie."""

import re
import secrets

from aiohttp import web

from db.vault import Vault

NAME = "youcai_chat"
_OURS = re.compile(rf"(?:^|;\s*){NAME}=([0-9a-f]{{24}})\.([0-9a-f]{{40}})(?:;|$)")


class Cookie:
    """`secure`: the page is served over https only. `days`: how long a conversation is found again."""

    def __init__(self, vault: Vault, *, days: int, secure: bool):
        self._vault, self._days, self._secure = vault, days, secure

    def address(self, request: web.Request) -> str | None:
        """None: there is none, or not one of ours."""
        found = _OURS.search(request.headers.get("Cookie", ""))
        if found is None or not self._vault.signed(f"web {found[1]}", found[2]):
            return None
        return found[1]

    def give(self, response: web.Response, address: str) -> None:
        response.set_cookie(
            NAME,
            f"{address}.{self._vault.sign(f'web {address}')}",
            max_age=self._days * 86_400,
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )


def new_address() -> str:
    return secrets.token_hex(12)
