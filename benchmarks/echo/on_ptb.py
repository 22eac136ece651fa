"""An echo bot on python-telegram-bot's Application, as its documentation writes it, handling updates concurrently."""

import os

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(update.message.text)


application = (
    Application.builder()
    .token(os.environ["TWINBOT_TELEGRAM_TOKEN"])
    .base_url(os.environ["TWINBOT_TELEGRAM_API_URL"] + "/bot")
    .concurrent_updates(os.environ.get("SEQUENTIAL") is None)
    .connection_pool_size(64)
    .pool_timeout(60)
    .build()
)
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
