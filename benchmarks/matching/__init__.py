"""Matching: how fast it is, and what it does to a population of teachers."""
