"""What a user would take instead: echo bots on other libraries, which keep nothing."""
