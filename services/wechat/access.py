"""WeChat's access token, sealed, for every process of the service."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.session import vault_in
from db.upsert import dialect_of, upsert
from db.wechat import WeChatToken


def token_of(session: Session, app_id: str) -> tuple[str, datetime] | None:
    """The token and until when it is good."""
    found = session.execute(
        select(WeChatToken.sealed_token, WeChatToken.good_until).where(WeChatToken.app_id == app_id)
    ).one_or_none()
    return (vault_in(session).open(found[0]), found[1]) if found else None


def keep(session: Session, app_id: str, token: str, good_until: datetime) -> None:
    values = {"sealed_token": vault_in(session).seal(token), "good_until": good_until}
    insert = upsert(dialect_of(session), WeChatToken).values(app_id=app_id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["app_id"], set_=values))
