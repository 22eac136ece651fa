"""Suggestions of partners: the score, the queries, the conversation."""
