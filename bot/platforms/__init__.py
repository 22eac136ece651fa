"""Where people talk: Telegram, Matrix, the web, the terminal. Each knows its own protocol and nothing else of ours."""
