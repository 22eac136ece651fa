"""An echo bot on aiogram's Dispatcher, as its documentation writes it."""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text)


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["TWINBOT_TELEGRAM_API_URL"])
    bot = Bot(os.environ["TWINBOT_TELEGRAM_TOKEN"], session=AiohttpSession(api=server))
    await dispatcher.start_polling(bot)


asyncio.run(main())
