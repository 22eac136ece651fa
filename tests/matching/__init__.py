"""Matching: bits, rows, rules, both paths of the search, what is kept in memory."""
