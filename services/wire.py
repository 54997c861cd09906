"""Messages as plain JSON values, for keeping a Reply beside the update it answered."""

import base64
from collections.abc import Mapping
from typing import Any

from services.messaging import Attachment, Button, Citation, Message


def pack(message: Message) -> dict[str, Any]:
    """Only what is there: most messages have neither files nor sources."""
    packed: dict[str, Any] = {"text": message.text}
    if message.buttons:
        packed["buttons"] = [[button.label, button.choice] for button in message.buttons]
    if message.attachments:
        packed["attachments"] = [
            [file.name, file.type, base64.b64encode(file.content).decode()] for file in message.attachments
        ]
    if message.citations:
        packed["citations"] = [
            [one.document, one.number, one.label, one.text, one.in_force, one.validity]
            for one in message.citations
        ]
    if message.in_place:
        packed["in_place"] = True
    return packed


def unpack(packed: Mapping[str, Any]) -> Message:
    return Message(
        packed["text"],
        tuple(Button(*button) for button in packed.get("buttons", ())),
        tuple(
            Attachment(name, kind, base64.b64decode(content))
            for name, kind, content in packed.get("attachments", ())
        ),
        tuple(Citation(*citation) for citation in packed.get("citations", ())),
        packed.get("in_place", False),
    )
