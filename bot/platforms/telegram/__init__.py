"""Telegram: python-telegram-bot's types over our own transport, raw updates stored before they are confirmed."""

from bot.platforms.telegram.telegram import Telegram

__all__ = ["Telegram"]
