"""Signed, short-lived links to our own pages: who may fill in what there, without the chat knowing it."""

from datetime import UTC, datetime
from urllib.parse import quote

from db.vault import Vault


class BadLink(Exception):
    """Not one of ours, changed, or over."""


def signed_path(vault: Vault, purpose: str, subject: str, until: datetime) -> str:
    """`/purpose/subject.until.signature`; nothing in it tells who somebody is."""
    plain = f"{subject}.{int(until.timestamp())}"
    return f"/{purpose}/{quote(plain)}.{vault.sign(f'{purpose} {plain}')}"


def opened(vault: Vault, purpose: str, token: str, now: datetime) -> str:
    """The subject that was signed."""
    plain, _, signature = token.rpartition(".")
    if not plain or not vault.signed(f"{purpose} {plain}", signature):
        raise BadLink
    subject, _, until = plain.rpartition(".")
    if now >= datetime.fromtimestamp(int(until), UTC):
        raise BadLink
    return subject
