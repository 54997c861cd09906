"""The picture to show at the door of an event."""

import io

import segno

from services.messaging import Attachment
from services.texts import Texts


def door_picture(texts: Texts, address: str) -> Attachment:
    """`address`: the page that a camera opens."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="png", scale=10, border=4)
    return Attachment(texts.say("event/door_file"), "image/png", drawn.getvalue())
