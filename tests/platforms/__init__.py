"""The platforms, each against a real server of its kind."""
