"""What support does in the chat: its home, ambassadors, suspension; and how support is told from others."""
