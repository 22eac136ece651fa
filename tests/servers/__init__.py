"""Real servers, and the people who use them, for the tests."""
