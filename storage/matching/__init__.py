"""Matching: who would suit whom, kept fast in memory and true in the database.

`rules` says who fits and how well, without any I/O; `sql` applies it to the tables; `index` applies it to arrays in
memory, which follow the tables. Both paths give the same order, which a property test holds.
"""
