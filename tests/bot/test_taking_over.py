"""What nobody has in hand any more is told as unconfirmed, whatever the database did meanwhile."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from db.session import Database, Unavailable
from services import outgoing
from tests.bot.test_delivering import Peer, announce, sender, settled
from tests.cast import NOON


async def test_a_database_that_stumbles_at_the_takeover_is_asked_again(
    house: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await announce(house, 3)
    assert len(await house.run(lambda s: outgoing.claim(s, "telegram", NOON, 2, "one that died"))) == 2
    recover, asked = outgoing.recover, []

    def stumbling(*of_channel: Any) -> int:
        asked.append(of_channel)
        if len(asked) == 1:
            raise Unavailable("just then")
        return recover(*of_channel)

    monkeypatch.setattr(outgoing, "recover", stumbling)
    peer = Peer()
    with capture_logs():
        async with sender(house, peer):
            assert await settled(house) == {"unconfirmed": 2, "sent": 1}
    assert peer.calls == ["2"]


async def test_a_claim_of_which_we_never_heard_is_not_left_in_hand(
    house: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit came through, its acknowledgement did not."""
    await announce(house, 3)
    run, lost = house.run, []

    async def losing(work: Any, **how: Any) -> Any:
        done = await run(work, **how)
        if isinstance(done, list) and done and not lost:
            lost.extend(done)
            raise Unavailable("the connection is gone")
        return done

    monkeypatch.setattr(house, "run", losing)
    peer = Peer()
    with capture_logs():
        async with sender(house, peer):
            assert await settled(house) == {"unconfirmed": 3}
    assert peer.calls == []
