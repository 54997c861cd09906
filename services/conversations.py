"""Conversations: who writes, where the dialogue stands, what was said and answered. Read and written on every update.

Core statements, built once: this is the hot path.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from db.base import table
from db.conversation import Conversation, SeenUpdate
from db.later import later
from db.locks import line_up
from db.people import Identity, Person
from db.prepared import Prepared
from db.session import inserted, vault_in
from services.chatlog import history
from services.messaging import Button, Reply, Step, Update
from services.wire import pack, unpack

_OFFERED = 30  # choices that a number can mean
_identity, _conversation, _seen = table(Identity), table(Conversation), table(SeenUpdate)

_STAND = Prepared(
    select(
        _identity.c.id,
        _identity.c.person_id,
        _identity.c.left_at,
        _conversation.c.step,
        _conversation.c.sealed_state,
        _seen.c.sealed_turn,
    )
    .join(_conversation, _conversation.c.identity_id == _identity.c.id)
    .outerjoin(_seen, (_seen.c.identity_id == _identity.c.id) & (_seen.c.update_id == bindparam("update_id")))
    .where(_identity.c.channel == bindparam("channel"), _identity.c.address_mark == bindparam("mark"))
)
_KEEP = Prepared(insert(_seen).inline(), ("identity_id", "update_id", "received_at", "sealed_turn"))
_GO_ON = Prepared(
    update(_conversation).where(_conversation.c.identity_id == bindparam("identity")),
    ("step", "sealed_state", "changed_at"),
)
_BACK = update(_identity).where(_identity.c.id == bindparam("identity"))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an identity's dialogue stands when an update comes in."""

    identity_id: int
    person_id: int
    left: bool = False
    step: Step | None = None
    offered: tuple[Button, ...] = ()
    topic: str = ""  # the question before
    answered: Reply | None = None  # this very update was answered already
    new: bool = False  # met just now


def stand(session: Session, incoming: Update) -> Stand:
    """Finds who writes, or meets them. Two updates of one person wait for each other, in any process."""
    vault = vault_in(session)
    mark = vault.mark(f"{incoming.channel}:{incoming.address}")
    line_up(session, mark)
    values = {"channel": incoming.channel, "mark": mark, "update_id": incoming.update_id}
    found = _STAND.one(session, values)
    if found is None:
        return _meet(session, incoming, mark)
    identity, person, left_at, step, sealed_state, sealed_turn = found
    state = vault.open_json(sealed_state) if sealed_state else {}
    return Stand(
        identity,
        person,
        left_at is not None,
        Step(step, state.get("answers", {})) if step else None,
        tuple(Button(label, choice) for label, choice in state.get("offered", ())),
        state.get("topic", ""),
        _reply(vault.open_json(sealed_turn)) if sealed_turn else None,
    )


def remember(
    session: Session, stand: Stand, incoming: Update, said: dict[str, str] | None, reply: Reply, topic: str
) -> None:
    """Keeps the Reply beside its update and moves the dialogue on. In public only the former."""
    vault, at = vault_in(session), incoming.received_at
    turn: dict[str, Any] = {"said": said, "messages": [pack(message) for message in reply.messages]}
    later(
        session,
        _KEEP,
        {
            "identity_id": stand.identity_id,
            "update_id": incoming.update_id,
            "received_at": at,
            "sealed_turn": vault.seal_json(turn),
        },
    )
    if incoming.public:
        return
    step = reply.next_step
    offered = choices(reply) if reply.messages else stand.offered
    state = {
        "answers": step.answers if step else {},
        "offered": [[button.label, button.choice] for button in offered],
        "topic": topic,
    }
    later(
        session,
        _GO_ON,
        {
            "identity": stand.identity_id,
            "step": step.name if step else "",
            "sealed_state": vault.seal_json(state),
            "changed_at": at,
        },
    )


def leave(session: Session, stand: Stand, now: datetime) -> None:
    session.execute(_BACK, {"identity": stand.identity_id, "left_at": now})


def come_back(session: Session, stand: Stand) -> None:
    session.execute(_BACK, {"identity": stand.identity_id, "left_at": None})


def choices(reply: Reply) -> tuple[Button, ...]:
    """Everything a number may mean, in the order in which it is shown."""
    return tuple(button for message in reply.messages for button in message.buttons)[:_OFFERED]


def label_of(session: Session, stand: Stand, choice: str) -> str:
    """What stood on the button; an older card's is looked up in what was said."""
    for button in stand.offered:
        if button.choice == choice:
            return button.label
    for exchange in history(session, stand.identity_id, 20):
        for message in exchange.messages:
            for button in message.buttons:
                if button.choice == choice:
                    return button.label
    return ""


def _meet(session: Session, incoming: Update, mark: str) -> Stand:
    vault, now = vault_in(session), incoming.received_at
    person = inserted(session.execute(insert(table(Person)), {"created_at": now}))
    identity = inserted(
        session.execute(
            insert(_identity),
            {
                "person_id": person,
                "channel": incoming.channel,
                "address_mark": mark,
                "sealed_address": vault.seal(incoming.address),
                "language": incoming.language[:16],
                "created_at": now,
            },
        )
    )
    session.execute(insert(_conversation), {"identity_id": identity, "step": "", "changed_at": now})
    return Stand(identity, person, new=True)


def _reply(turn: dict[str, Any]) -> Reply:
    return Reply(tuple(unpack(message) for message in turn["messages"]))
