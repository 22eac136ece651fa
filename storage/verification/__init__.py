"""Verification, as it is stored: cases and their life, the queue of those that wait, proofs, and codes by mail."""
