"""Files that no chat message carries: kept sealed for as long as the signed links to them last."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import table
from db.session import vault_in
from db.upsert import dialect_of, upsert
from db.wechat import WeChatFile
from services.messaging import Attachment, Message
from services.signed_links import signed_path
from services.wechat import windows
from services.wire import pack, unpack

PURPOSE = "file"
LASTS = timedelta(days=7)  # what waits for a person's next word is often read days later
_SOON = {"application/json": timedelta(days=1)}  # all that is kept of a person, asked for just now
_file = table(WeChatFile)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """Where it can be fetched, and until when."""

    path: str
    until: datetime


def lay_out(session: Session, address: str, file: Attachment, now: datetime) -> LaidOut:
    """`address` is the person's, so that it goes with them; '' for a broadcast, whose file is kept once for all."""
    vault, until = vault_in(session), now + _SOON.get(file.type, LASTS)
    content = hashlib.sha256(file.content).hexdigest()
    row = {
        "address_mark": windows.mark_of(session, address) if address else "",
        "content_mark": vault.mark(f"{file.type} {content} {file.name}"),
        "sealed": vault.seal_json(pack(Message("", attachments=(file,)))),
        "kept_until": until,
    }
    insert = upsert(dialect_of(session), WeChatFile).values(row)
    again = insert.on_conflict_do_update(
        index_elements=["address_mark", "content_mark"], set_={"kept_until": until}
    )
    number = session.execute(again.returning(_file.c.id)).scalar_one()
    return LaidOut(signed_path(vault, PURPOSE, f"{number}-{row['content_mark']}", until), until)


def fetch(session: Session, subject: str) -> Attachment | None:
    """What the link was made for, or nothing: a number may come to be another file's, the content's mark may not."""
    number, _, mark = subject.partition("-")
    kept = select(_file.c.sealed).where(_file.c.id == int(number), _file.c.content_mark == mark)
    sealed = session.execute(kept).scalar()
    return unpack(vault_in(session).open_json(sealed)).attachments[0] if sealed else None
