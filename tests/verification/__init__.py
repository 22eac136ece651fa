"""Tests of verification: its rules, its tables, its flows."""
