"""A process that acknowledges a push while its dispatch is still at work, and then waits to be killed.

`python -m tests.bot.channels.killed FOLDER`, from the root of the repository.
"""

import asyncio
import sys
from pathlib import Path

from bot.app import open_database
from tests.bot.channels.wechat_chat import Chat
from tests.bot.conftest import settings


async def main(folder: Path) -> None:
    database = await asyncio.to_thread(open_database, settings(folder))
    async with Chat(database, late_after=0) as chat:
        chat.office.hold("你好")
        _, body = await chat.post(chat.platform.message(Content="你好"))
        print(body, flush=True)
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
