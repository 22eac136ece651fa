"""Matrix: our own sync loop on raw JSON, with matrix-nio as the engine of encryption.

matrix-nio alone costs about 25 MB of memory, so it is imported only where encryption is on. Requests go over aiohttp
in any case: what a homeserver answers is stored as it came, and its refusals are exceptions with a type.
"""

from bot.platforms.matrix.matrix import Matrix

__all__ = ["Matrix"]
