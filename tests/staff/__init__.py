"""Support in the chat: officers, ambassadors, suspension, names that imitate support."""
